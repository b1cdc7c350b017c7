import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { noopMetricMeter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { connectClient, ensureSearchAttributes, TemporalEngine, type TemporalTarget } from '../../client';
import { Starts } from '../../client/starts';
import { encodeProfileWrite } from '../../concur/xml';
import { parseKeyRing } from '../../hub/crypto';
import { pullOnce } from '../../sync/engine/pull';
import { startInputs } from '../../workers/start-inputs';
import { startWorker } from '../../workers/worker';
import { wakePublisher } from '../../workflows/messages';
import { BareConcur } from '../lib/bare-concur';
import { BenchFailure } from '../lib/bench';
import { loginOf, personSections } from '../lib/people';
import { type BenchWorld } from '../lib/world';
import { type BareActivities, bareLoop, postNumber } from './bare-workflow';

/** One of the two ways from a word to a POST, running. */
export interface Way {
  /** Says that person `number` has a new job title. */
  write(number: number, jobTitle: string): Promise<void>;
  stop(): Promise<void>;
}

export interface Ground {
  readonly world: BenchWorld;
  readonly target: TemporalTarget;
  readonly company: string;
}

/** A write to the hub as the API does it: store, then wake the publisher where the store says so. */
export async function ourWay({ world, target, company }: Ground): Promise<Way> {
  const ring = parseKeyRing(`k1:${randomBytes(32).toString('base64')}`);
  const keys = { activeId: ring.activeId, key: (id: string) => ring.key(id, 'temporal-payloads') };
  const client = await connectClient(target, keys);
  await ensureSearchAttributes(client);
  const engine = new TemporalEngine(client, startInputs(world.store, world.workerSettings));
  const worker = await startWorker({
    settings: world.workerSettings,
    store: world.store,
    temporal: target,
    keys,
    engine,
    log: pino({ level: 'warn' }, process.stderr),
    meter: noopMetricMeter,
  });
  const entity = await world.connect(company);
  await pullOnce(entity.deps, world.settings, entity.id);
  const idOf = await idsByUsername(world, entity.id);
  await new Starts(client).startPublish(entity.id, wakePublisher);
  return {
    async write(number, jobTitle) {
      const username = loginOf(company, number);
      const id = idOf.get(username);
      if (id === undefined) throw new BenchFailure(`ours: ${username} was not pulled`);
      const write = { id, username, status: 'active', sections: personSections(number, jobTitle) } as const;
      const { woke } = await world.store.travellers.upsertMany(entity.id, [write], { now: new Date() });
      if (woke) await engine.wakePublisher(entity.id);
    },
    async stop() {
      await worker.stop();
      await client.connection.close();
    },
  };
}

async function idsByUsername(world: BenchWorld, entityId: string): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (let after = {}; ;) {
    const { items, nextCursor } = await world.store.travellers.list(entityId, { limit: 500, ...after });
    for (const { traveller } of items) ids.set(traveller.username, traveller.id);
    if (nextCursor === undefined) return ids;
    after = { cursor: nextCursor };
  }
}

/** A signal with a number, and the POST of its ready XML as an activity. */
export async function bareWay({ world, target, company }: Ground): Promise<Way> {
  const bare = new BareConcur((await world.connect(company)).token);
  const documents = new Map<number, string>();
  const activities: BareActivities = {
    async post(number) {
      await bare.write(documents.get(number) ?? '');
    },
  };
  const connection = await NativeConnection.connect({ address: target.address });
  const worker = await Worker.create({
    connection,
    namespace: target.namespace,
    taskQueue: 'bare',
    workflowsPath: require.resolve('./bare-workflow'),
    activities,
  });
  const ended = worker.run();
  const clientConnection = await Connection.connect({ address: target.address });
  const client = new Client({ connection: clientConnection, namespace: target.namespace });
  const handle = await client.workflow.start(bareLoop, { taskQueue: 'bare', workflowId: 'bare' });
  return {
    async write(number, jobTitle) {
      const sections = { general: { jobTitle } };
      documents.set(
        number,
        encodeProfileWrite({
          action: 'Update',
          loginId: loginOf(company, number),
          status: 'active',
          sections,
        }),
      );
      await handle.signal(postNumber, number);
    },
    async stop() {
      await handle.terminate();
      worker.shutdown();
      await ended;
      await connection.close();
      await clientConnection.close();
      await bare.close();
    },
  };
}
