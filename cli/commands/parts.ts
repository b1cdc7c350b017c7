import { type Command } from 'commander';
import { addCommand, type App, type Outcome } from '../command';
import { EXIT } from '../errors';
import { styleFor, writeJsonLine } from '../output';
import { type Session } from '../session';
import { type Composition, type FoundInfrastructure, type Part } from '../start/parts';
import { Reporter } from '../start/reporter';
import { isStopRequested, StopRequest } from '../start/stop-request';
import { StopStack } from '../start/stop-stack';

/** `worker` and `api`: one part alone, over servers that run elsewhere or belong to a running `start`. */
export function addPartCommands(app: App, program: Command): void {
  const needs =
    'Needs DATABASE_URL and TEMPORAL_ADDRESS, or a running `start` on the same DATA_DIR.\n' +
    'Logs go to standard error.';
  addCommand(app, program, {
    usage: 'worker',
    summary: 'Run a worker alone',
    examples: ['worker'],
    more: needs,
    run: (session) =>
      runPart(session, 'the worker', async (composition, { settings }) => {
        const worker = await composition.startWorker(settings);
        return { part: worker, told: { metrics: worker.metrics.url } };
      }),
  });
  addCommand(app, program, {
    usage: 'api',
    summary: 'Run the API alone',
    examples: ['api'],
    more: needs,
    run: (session) =>
      runPart(session, 'the API', async (composition, { settings, temporalUi, simulation }) => {
        const { API_HOST: host, API_PORT: port } = settings;
        const parts = await session.context.loadParts();
        if (port !== 0) await parts.requireFreePort(port, 'API_PORT', host);
        const api = await composition.startApi(settings, {
          host,
          port,
          simulation,
          ...(temporalUi === undefined ? {} : { uiOrigin: new URL(temporalUi).origin }),
        });
        return { part: api, told: { api: api.url, docs: `${api.url}/docs` } };
      }),
  });
}

interface Started {
  readonly part: Part;
  /** What a person or a script wants to know of it. */
  readonly told: Readonly<Record<string, string>>;
}

async function runPart(
  session: Session,
  name: string,
  start: (composition: Composition, found: FoundInfrastructure) => Promise<Started>,
): Promise<Outcome> {
  const { context, settings } = session;
  const stack = new StopStack(context.clock);
  return stayUntilStopped(session, stack, async (reporter, check) => {
    const parts = await context.loadParts();
    const found = await parts.findInfrastructure(settings);
    const { databaseUrl, temporal } = found;
    const log = { level: settings.LOG_LEVEL };
    const composition = parts.compose({ settings, env: context.env, databaseUrl, temporal, log });
    reporter.step('Store …');
    stack.push('the store', await composition.openStore());
    check();
    reporter.step(`Temporal at ${temporal.address} …`);
    stack.push('the connection to Temporal', await composition.prepareTemporal(settings));
    check();
    reporter.step(`Starting ${name} …`);
    const { part, told } = await start(composition, found);
    stack.push(name, part);
    return told;
  });
}

/**
 * Starts, says so, and stays until a signal or until a part breaks down; then stops in the right order.
 * @param start what it returns is shown, and printed as one line of JSON with `--json`
 */
export async function stayUntilStopped(
  session: Session,
  stack: StopStack,
  start: (reporter: Reporter, check: () => void) => Promise<Readonly<Record<string, string>>>,
): Promise<Outcome> {
  const { context } = session;
  const stream = session.json ? context.stderr : context.stdout;
  const reporter = new Reporter(stream, styleFor(stream, context.env), context.clock);
  const stop = new StopRequest(context, {
    onRequested: () => reporter.step('Ending … (Ctrl-C again does not wait)'),
    onForced: () => reporter.step('Not waiting.'),
  });
  let failures: string[] = [];
  try {
    const told = await start(reporter, () => stop.check());
    stop.check();
    if (session.json) writeJsonLine(context.stdout, { event: 'ready', ...told });
    reporter.step('Ready. Ctrl-C ends it.');
    reporter.output.pairs(Object.entries(told), ' '.repeat(11));
    const brokeDown = stack.firstToEnd().then(({ name, reason }) => `${name} failed: ${reason}`);
    const reason = await Promise.race([stop.requested.then(() => undefined), brokeDown]);
    if (reason !== undefined) failures.push(reason);
  } catch (error) {
    if (!isStopRequested(error)) throw error;
  } finally {
    failures = [...failures, ...(await stack.stopAll((name) => reporter.step(`Stopping ${name} …`)))];
    stop.stopListening();
  }
  for (const failure of failures) session.note(failure);
  reporter.step('Stopped.');
  return { data: undefined, show: () => undefined, exit: failures.length > 0 ? EXIT.failed : EXIT.done };
}
