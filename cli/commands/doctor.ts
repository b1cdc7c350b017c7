import { type Command } from 'commander';
import { addCommand, type App } from '../command';
import { EXIT } from '../errors';
import { type Check, type CheckStatus } from '../doctor/check';
import { examine } from '../doctor/examine';
import { type Output } from '../output';

export function addDoctorCommand(app: App, program: Command): void {
  addCommand(app, program, {
    usage: 'doctor',
    summary: 'Check each setting and each dependency, and say what to do',
    examples: ['doctor', 'doctor --json'],
    more: 'Ends with 1 when something fails. Changes nothing.',
    run: async (session) => {
      const checks = await examine({
        env: session.context.env,
        probes: await session.context.loadProbes(),
        settings: () => session.settings,
        api: () => session.api,
      });
      const failed = checks.some(({ status }) => status === 'fail');
      return {
        data: { ok: !failed, checks },
        show: () => showChecks(session.output, checks),
        exit: failed ? EXIT.failed : EXIT.done,
      };
    },
  });
}

const MARKS: Readonly<Record<CheckStatus, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

function showChecks(output: Output, checks: readonly Check[]): void {
  const { green, yellow, red } = output.style;
  const paint = { ok: green, warn: yellow, fail: red };
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, status, found, advice } of checks) {
    const words = advice === undefined || status === 'ok' ? found : `${found}. ${advice}`;
    output.line(`${paint[status](MARKS[status])}  ${name.padEnd(width)}  ${words.replace(/\.\. /, '. ')}`);
  }
}
