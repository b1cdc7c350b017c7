import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isConcurError } from '../../../concur';
import { settingsSchema } from '../../../config/settings';
import { createHubStore, openDatabase, parseKeyRing } from '../../../hub';
import { openConcur } from '../../../workers/concur-access';
import { type Done, type Order, orderSchema, type SetUp, setUpSchema } from './protocol';

const MOST_ATTEMPTS = 200;

/** One process of the storm: the product's own way to Concur, and as many calls at once as it is told to make. */
function openCaller({ databaseUrl, encryptionKeys, settings, entityId }: SetUp) {
  const db = openDatabase(databaseUrl);
  const keyRing = parseKeyRing(encryptionKeys);
  const store = createHubStore({ db, keyRing, ids: { next: randomUUID } });
  let aheadMs = 0;
  const concur = openConcur(
    settingsSchema.parse(settings),
    store.credentials,
    (id) => store.entities.get(id),
    () => undefined,
    () => new Date(Date.now() + aheadMs),
  );
  const { profiles } = concur.access(entityId);

  async function call(repeated: Record<string, number>): Promise<string | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await profiles.readProfile({ type: 'login', value: 'somebody@example.test' });
        return undefined;
      } catch (error) {
        if (!isConcurError(error)) throw error;
        if (error.failureClass !== 'retry' || attempt === MOST_ATTEMPTS) return error.code;
        repeated[error.code] = (repeated[error.code] ?? 0) + 1;
        // As an activity is repeated: after the wait that the failure names.
        await pause(error.retryAfterMs ?? 50);
      }
    }
  }

  return async ({ calls, clockAheadMs }: Order): Promise<Done> => {
    aheadMs = clockAheadMs;
    const repeated: Record<string, number> = {};
    const ends = await Promise.all(Array.from({ length: calls }, () => call(repeated)));
    const failed = ends.filter((code) => code !== undefined);
    return { succeeded: ends.length - failed.length, failed, repeated };
  };
}

async function main(): Promise<void> {
  let caller: ReturnType<typeof openCaller> | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const message: unknown = JSON.parse(line);
    if (caller === undefined) {
      caller = openCaller(setUpSchema.parse(message));
      process.stdout.write('{}\n');
    } else process.stdout.write(`${JSON.stringify(await caller(orderSchema.parse(message)))}\n`);
  }
  // The storm is over, however it ended: nothing of it may stay.
  process.exit();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
