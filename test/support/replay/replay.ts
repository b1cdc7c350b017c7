import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDataConverter } from '../workflow/test-keys';

const FOLDER = join(__dirname, '../../replay/histories');

export interface RecordedHistory {
  /** Of the scenario; the name of its file. */
  readonly name: string;
  readonly history: History;
}

export function recordedHistories(): RecordedHistory[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
    .map((name) => {
      const json: unknown = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
      return { name, history: historyFromJSON(json) };
    });
}

/** Silent: histories that must fail would fill the log. */
export function silenceRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: {} } },
  });
}

/** The errors of replaying these histories with that code, by scenario; none where both agree. */
export async function replayErrors(
  workflowBundle: WorkflowBundle,
  histories: readonly RecordedHistory[],
): Promise<Readonly<Record<string, Error>>> {
  const errors: Record<string, Error> = {};
  const results = Worker.runReplayHistories(
    { workflowBundle, dataConverter: testDataConverter },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  let replayed = 0;
  for await (const { workflowId, error } of results) {
    replayed += 1;
    if (error !== undefined) errors[workflowId] = error;
  }
  if (replayed !== histories.length) throw new Error(`only ${replayed} of ${histories.length} were replayed`);
  return errors;
}
