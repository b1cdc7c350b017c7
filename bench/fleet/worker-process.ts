import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { pino } from 'pino';
import { z } from 'zod';
import { connectClient, TemporalEngine } from '../../client';
import { settingsSchema } from '../../config/settings';
import { createHubStore, openDatabase, parseKeyRing } from '../../hub';
import { startInputs } from '../../workers/start-inputs';
import { startWorker } from '../../workers/worker';
import { pollMeter } from './poll-meter';
import { type Message, orderSchema } from './protocol';

const TELL_EVERY_MS = 1_000;

/** A worker of the product in a process of its own, so that its memory is its alone. */
async function main(): Promise<void> {
  const [order] = z
    .tuple([orderSchema])
    .rest(z.unknown())
    .parse(await once(process, 'message'));
  const { databaseUrl, address, namespace, environment } = order;
  // Not before: until then the parent's end is seen by nobody, and nothing runs.
  process.on('disconnect', () => process.exit());
  const settings = settingsSchema.parse(environment);
  const ring = parseKeyRing(environment['ENCRYPTION_KEYS'] ?? '');
  const keys = { activeId: ring.activeId, key: (id: string) => ring.key(id, 'temporal-payloads') };
  const db = openDatabase(databaseUrl);
  const store = createHubStore({ db, keyRing: ring, ids: { next: randomUUID } });
  const temporal = { address, namespace };
  const client = await connectClient(temporal, keys);
  const engine = new TemporalEngine(client, startInputs(store, settings));
  const { meter, figures } = pollMeter();
  const log = pino({ level: 'error' }, process.stderr);
  const worker = await startWorker({ settings, store, temporal, keys, engine, log, meter });
  worker.ended.catch((error: unknown) => {
    process.stderr.write(`fleet: the worker failed: ${String(error)}\n`);
    process.exit(1);
  });
  const progress = () => ({
    rssBytes: process.memoryUsage.rss(),
    rssPeakBytes: process.resourceUsage().maxRSS * 1024,
    polls: figures.polls,
  });
  const timer = setInterval(() => tell({ kind: 'progress', ...progress() }), TELL_EVERY_MS);
  tell({ kind: 'ready' });
  await once(process, 'message');
  clearInterval(timer);
  const { user, system } = process.cpuUsage();
  const { lagSeconds, pollSeconds } = figures;
  tell({ kind: 'finished', ...progress(), lagSeconds, pollSeconds, cpuSeconds: (user + system) / 1e6 });
  await worker.stop();
  await client.connection.close();
  await store.close();
}

function tell(message: Message): void {
  process.send?.(message);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `fleet: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
