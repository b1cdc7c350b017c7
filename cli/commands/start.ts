import { join } from 'node:path';
import { type Command } from 'commander';
import { Agent } from 'undici';
import { API_KEY_FILE } from '../../hub/crypto/api-key';
import { apiKey } from '../api-address';
import { ApiClient } from '../api-client';
import { addCommand, type App, type Outcome } from '../command';
import { EXIT, type ExitCode, failureOf, UsageError } from '../errors';
import { styleFor, writeJsonLine } from '../output';
import { SandboxClient } from '../sandbox-client';
import { type Session } from '../session';
import { Reporter } from '../start/reporter';
import { isStopRequested, StopRequest } from '../start/stop-request';
import { startAll, type Supervised } from '../start/supervise';
import { runTour } from '../tour';

interface StartOptions {
  readonly sandbox?: boolean;
  readonly demo?: boolean;
  readonly strategy?: string;
}

const TOURS = ['publish'];

export function addStartCommand(app: App, program: Command): void {
  addCommand<StartOptions>(app, program, {
    usage: 'start',
    summary: 'Run everything on this machine: Temporal, PostgreSQL, worker and API',
    examples: ['start', 'start --sandbox', 'start --sandbox --demo'],
    more:
      'Stays up until Ctrl-C. A second Ctrl-C does not wait. Temporal is started unless TEMPORAL_ADDRESS is set,\n' +
      'PostgreSQL unless DATABASE_URL is set. Everything it keeps lies under DATA_DIR.',
    configure: (command) =>
      command
        .option('--sandbox', 'also start a simulated SAP Concur, and speak to it')
        .option('--demo', 'then run the guided tour (with --sandbox)')
        .option('--strategy <strategy>', 'strategy that the tour shows; now: publish'),
    run: async (session, _args, options) => {
      checkUsage(options);
      return start(session, options);
    },
  });
}

function checkUsage({ demo, sandbox, strategy }: StartOptions): void {
  if (demo === true && sandbox !== true) {
    throw new UsageError('The tour runs against the sandbox: concordance start --sandbox --demo');
  }
  if (strategy === undefined) return;
  if (demo !== true) throw new UsageError('--strategy chooses what the tour shows: use it with --demo.');
  if (!TOURS.includes(strategy)) {
    throw new UsageError(`There is a tour for the strategy publish only so far, not for "${strategy}".`);
  }
}

async function start(session: Session, options: StartOptions): Promise<Outcome> {
  const { context, settings } = session;
  const stream = session.json ? context.stderr : context.stdout;
  const reporter = new Reporter(stream, styleFor(stream, context.env), context.clock);
  const stop = new StopRequest(context, {
    onRequested: () => reporter.step('Ending … (Ctrl-C again does not wait)'),
    onForced: () =>
      reporter.step('Not waiting. Temporal and PostgreSQL keep running; the next start takes them over.'),
  });
  try {
    const parts = await context.loadParts();
    const running = await startAll(
      parts,
      { settings, env: context.env, sandbox: options.sandbox === true },
      reporter,
      context.clock,
      () => stop.check(),
    );
    const exit = await stayUp(session, running, options, reporter, stop);
    return { data: undefined, show: () => undefined, exit };
  } catch (error) {
    if (!isStopRequested(error)) throw error;
    return { data: undefined, show: () => reporter.step('Stopped.') };
  } finally {
    stop.stopListening();
  }
}

async function stayUp(
  session: Session,
  running: Supervised,
  options: StartOptions,
  reporter: Reporter,
  stop: StopRequest,
): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  announce(session, running, reporter);
  const ends = [
    stop.requested.then(() => undefined),
    running.brokeDown.then(({ name, reason }) => `${capital(name)} failed: ${reason}`),
  ];
  const tour = options.demo === true ? guide(session, running, reporter, stop) : undefined;
  const first = await Promise.race([...ends, ...(tour === undefined ? [] : [tour])]);
  if (first === 'tour-failed') exit = EXIT.failed;
  if (first === 'tour-failed' || first === 'tour-done') {
    reporter.output.line();
    reporter.step('Stays up until Ctrl-C.');
  }
  const breakdown = first === 'tour-failed' || first === 'tour-done' ? await Promise.race(ends) : first;
  if (breakdown !== undefined) {
    session.note(`${breakdown}\nThe log says more: ${running.logFile}`);
    exit = EXIT.failed;
  }
  const failures = await running.stop();
  for (const failure of failures) session.note(failure);
  reporter.step('Stopped.');
  return failures.length > 0 ? EXIT.failed : exit;
}

/** The tour; what goes wrong in it is shown, and everything stays up to be looked at. */
async function guide(
  session: Session,
  running: Supervised,
  reporter: Reporter,
  stop: StopRequest,
): Promise<'tour-done' | 'tour-failed' | undefined> {
  const { context, settings } = session;
  // Connections of its own: they end with the tour and do not hold up the stop of the API.
  const agent = new Agent();
  void stop.requested.then(() => agent.destroy());
  try {
    const result = await runTour({
      api: new ApiClient({ base: running.apiUrl, key: apiKey(settings), dispatcher: agent }),
      sandbox: new SandboxClient(running.sandbox?.url ?? '', agent),
      clock: stop.clock(context.clock),
      output: reporter.output,
      stream: reporter.stream,
      places: { api: running.apiUrl, temporalUi: running.temporalUi },
    });
    if (session.json) writeJsonLine(context.stdout, { event: 'tour-finished', ...result });
    return 'tour-done';
  } catch (error) {
    if (stop.isRequested) return undefined;
    session.note(`The tour cannot go on: ${failureOf(error).message}`);
    session.note(`The log says more: ${running.logFile}`);
    return 'tour-failed';
  } finally {
    await agent.destroy();
  }
}

function announce(session: Session, running: Supervised, { output }: Reporter): void {
  const { settings } = session;
  const keyFile = settings.API_KEY === undefined ? join(settings.DATA_DIR, API_KEY_FILE) : undefined;
  const urls = {
    temporalUi: running.temporalUi,
    temporalAddress: running.temporalAddress,
    api: running.apiUrl,
    docs: `${running.apiUrl}/docs`,
    metrics: running.metricsUrl,
    sandbox: running.sandbox?.url,
    apiKeyFile: keyFile,
    log: running.logFile,
  };
  if (session.json) writeJsonLine(session.context.stdout, { event: 'ready', ...urls });
  output.line();
  output.pairs(
    [
      ['Temporal UI', urls.temporalUi ?? `of the server at ${urls.temporalAddress}`],
      ['API', urls.api],
      ['API documentation', urls.docs],
      ['Metrics', urls.metrics],
      ...(urls.sandbox === undefined
        ? []
        : [['Sandbox', `${urls.sandbox}  (a simulation, not SAP Concur)`] as const]),
      ['API key', urls.apiKeyFile ?? 'as API_KEY says'],
      ['Log', urls.log],
    ],
    '  ',
  );
  output.line();
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
