import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { killRemaining } from '../test/support/child-processes';
import { describeMachine, stamp } from './lib/report';
import { type Soak } from './lib/soak';
import { fleet } from './soaks/fleet';
import { simulation } from './soaks/simulation';
import { storm } from './soaks/storm';
import { upheaval } from './soaks/upheaval';

const SOAKS: readonly Soak[] = [fleet, simulation, storm, upheaval];
const INTERRUPTED = 130;

const HELP = `npm run soak -- NAME [options]
  NAME          ${SOAKS.map(({ name, times }) => `${name} (${times} times)`).join(', ')}
  --times N     another number of times; of slots for a fleet: --slots N
  --entities N  another number of entities of a fleet
  --record      writes the result to bench/records/, which is kept in git; else to bench/results/
  --help
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      times: { type: 'string' },
      slots: { type: 'string' },
      entities: { type: 'string' },
      record: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const soak = SOAKS.find(({ name }) => name === positionals[0]);
  const times = values.slots ?? values.times ?? String(soak?.times);
  const { entities } = values;
  const isWrong = [times, entities ?? '1'].some((text) => !/^[1-9]\d{0,6}$/.test(text));
  if (values.help === true || soak === undefined || isWrong) {
    say(HELP);
    return values.help === true ? 0 : 2;
  }
  const closers: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    await killRemaining();
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  const giveUp = (): void => {
    const exit = (): never => process.exit(INTERRUPTED);
    end().then(exit, exit);
  };
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp);
  const { commit, changed, node, cores, memoryGiB } = describeMachine();
  const startedAt = new Date();
  try {
    const report = await soak.run({
      times: Number(times),
      ...(entities === undefined ? {} : { entities: Number(entities) }),
      say,
      atTheEnd: (close) => closers.push(close),
    });
    const machine = { commit, changed, node, cores, memoryGiB };
    const result = { soak: soak.name, title: soak.title, startedAt, machine, ...report };
    const text = `${JSON.stringify(result, undefined, 2)}\n`;
    const folder = join(__dirname, values.record === true ? 'records' : 'results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${stamp(startedAt)}-soak-${soak.name}.json`);
    writeFileSync(file, text);
    say(text);
    say(`written to ${relative(process.cwd(), file)}`);
    return report.complaints.length === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(
      `soak: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
