import { CommanderError } from 'commander';
import { type CliContext } from './context';
import { EXIT, type ExitCode, failureOf } from './errors';
import { writeJson } from './output';
import { createProgram } from './program';

/**
 * Runs one command line. Never throws: what went wrong stands on standard error in words.
 * @param args without node and script
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const { program, app } = createProgram(context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return app.exit;
  } catch (error) {
    // Commander has already written help or what was wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const failure = failureOf(error);
    context.stderr.write(`${failure.message}\n`);
    if (wantsTrace(args, context)) context.stderr.write(`${traceOf(error)}\n`);
    if (app.session?.json === true) {
      writeJson(context.stdout, { error: { code: failure.code, message: failure.message } });
    }
    return failure.exit;
  }
}

function wantsTrace(args: readonly string[], { env }: CliContext): boolean {
  return args.includes('--verbose') || ['debug', 'trace'].includes(env['LOG_LEVEL'] ?? '');
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
