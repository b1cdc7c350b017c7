import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { testPostgres, type TestPostgres } from '../test/support/local-servers';
import { BENCHES } from './benches';
import { type Bench } from './lib/bench';
import { type BenchOptions, HELP, parseOptions, sizeOf, UsageError } from './lib/options';
import { describeMachine, type Finished, type Machine, stamp, table, writeResult } from './lib/report';
import { openWorld } from './lib/world';

const INTERRUPTED = 130;
/** Enough for V8 to compile most of what is hot; its numbers do not count. */
const WARM_UP_ITEMS = 60;
/** A quick run that is not through by then hangs. */
const QUICK_DEADLINE_MS = 240_000;
/** Of one bench: on a machine that others keep busy `--quick` does fewer rounds rather than take minutes. */
const QUICK_BUDGET_MS = 30_000;

/** What has to be ended, latest first; also when the run is interrupted. */
class Running {
  readonly #closers: (() => Promise<void>)[] = [];
  #ending: Promise<void> | undefined;

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** @throws the first failure, once all are ended */
  end(): Promise<void> {
    // Whoever asks second, after an interrupt, waits for the same end.
    return (this.#ending ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    // One that cannot be ended does not keep the others alive.
    const failures: Error[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => {
        failures.push(error instanceof Error ? error : new Error('something could not be ended'));
      });
    }
    const [first] = failures;
    if (first !== undefined) throw first;
  }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), BENCHES);
  if (options.help) {
    say(HELP);
    return 0;
  }
  const chosen = BENCHES.filter(({ name, slow }) =>
    options.only.length === 0 ? !(options.quick && slow === true) : options.only.includes(name),
  );
  const running = new Running();
  const giveUp = (code: number): void => {
    const exit = (): never => process.exit(code);
    running.end().then(exit, exit);
  };
  process.once('SIGINT', () => giveUp(INTERRUPTED)).once('SIGTERM', () => giveUp(INTERRUPTED));
  if (options.quick) {
    setTimeout(() => {
      process.stderr.write('bench: it hangs, or the machine is far too busy; given up\n');
      giveUp(1);
    }, QUICK_DEADLINE_MS).unref();
  }
  const machine = describeMachine();
  say(
    `${machine.cores} cores of ${machine.cpu}, load ${machine.loadBefore.toFixed(2)}, Node ${machine.node}`,
  );
  try {
    // Noted before it runs: an interrupt during the start must end it too.
    const starting = testPostgres();
    running.add(async () => (await starting).stop());
    const postgres = await starting;
    for (const bench of chosen) await runBench(bench, options, machine, postgres, running);
    return 0;
  } finally {
    await running.end();
  }
}

async function runBench(
  bench: Bench,
  options: BenchOptions,
  machine: Machine,
  postgres: TestPostgres,
  running: Running,
): Promise<void> {
  const opening = postgres.createDatabase().then(openWorld);
  const close = once(async () => (await opening).close());
  running.add(close);
  const world = await opening;
  const startedAt = new Date();
  const size = sizeOf(bench, options);
  const folder = join(__dirname, options.record ? 'records' : 'results');
  const profileTo = join(__dirname, 'results', `${stamp(startedAt)}-${bench.name}.cpuprofile`);
  mkdirSync(join(__dirname, 'results'), { recursive: true });
  const warmUp = { items: Math.min(WARM_UP_ITEMS, size.items), rounds: 1 };
  const endBy = options.quick ? new Date(startedAt.getTime() + QUICK_BUDGET_MS) : new Date(8.64e15);
  await world.sandbox.ask({ kind: 'delay', milliseconds: bench.delayMs ?? 0 });
  if (bench.warmsUpItself !== true) await bench.run({ world, size: warmUp, endBy, say: () => undefined });
  const report = await bench.run({
    world,
    size,
    endBy,
    ...(options.profile ? { profileTo } : {}),
    say: (line) => say(`  ${bench.name}  ${line}`),
  });
  await close();
  const finished: Finished = { bench, size, quick: options.quick, machine, startedAt, report };
  say(table(finished));
  say(`written to ${writeResult(folder, finished)}`);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const text =
      error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`bench: ${text}\n`);
    process.exitCode = 1;
  },
);
