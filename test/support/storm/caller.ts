import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { settingsSchema } from '../../../config/settings';
import { createHubStore, migrateToLatest, openDatabase, parseKeyRing } from '../../../hub';
import { type Behaviour, type RunningSandbox } from '../../../sandbox';
import { openConcur } from '../../../workers/concur-access';
import { anEntity } from '../builders';
import { runTypeScript, type TypeScriptChild } from '../child-processes';
import { testKeys } from '../hub/stores';
import { type Done, doneSchema, type Order, type SetUp } from './protocol';

export interface ConnectedEntity {
  /** What a process of callers is told first. */
  readonly setUp: SetUp;
  readonly companyUuid: string;
  /** True when the stored refresh token was good for another one. */
  renew(): Promise<boolean>;
  /** As if as much time had passed; false where no lease is held. */
  letLeaseRunOut(): Promise<boolean>;
  close(): Promise<void>;
}

/** An entity that is connected to a company of the simulated Concur, in a database of its own. */
export async function connectedEntity(
  running: RunningSandbox,
  databaseUrl: string,
  rotation: Behaviour['rotation'],
): Promise<ConnectedEntity> {
  const { authUrl, origins, clientId, clientSecret } = running;
  const { admin } = running.sandbox;
  const settings = {
    CONCUR_CLIENT_ID: clientId,
    CONCUR_CLIENT_SECRET: clientSecret,
    CONCUR_AUTH_URL: authUrl,
    CONCUR_ALLOWED_ORIGINS: origins.join(','),
    CONCUR_TIMEOUT_MS: '10000',
    CONCUR_RETRY_BASE_MS: '20',
    CONCUR_UNAVAILABLE_DELAY_MS: '50',
  };
  const encryptionKeys = testKeys();
  const entity = anEntity();
  const { companyUuid } = entity;
  admin.putCompany({ companyUuid, behaviour: { rotation } });
  admin.seedProfile({ companyUuid, loginId: 'somebody@example.test' });
  const db = openDatabase(databaseUrl);
  await migrateToLatest(db);
  const keyRing = parseKeyRing(encryptionKeys);
  const store = createHubStore({ db, keyRing, ids: { next: randomUUID } });
  const concur = openConcur(
    settingsSchema.parse(settings),
    store.credentials,
    (id) => store.entities.get(id),
    () => undefined,
  );
  await store.entities.create({ ...entity }, { now: new Date() });
  const { connection } = concur.access(entity.id);
  await connection.exchange(admin.issueRequestToken(companyUuid).requestToken);
  const setUp: SetUp = { databaseUrl, encryptionKeys, settings, entityId: entity.id };
  return {
    setUp,
    companyUuid,
    renew: async () => (await connection.renew()) !== undefined,
    async letLeaseRunOut() {
      const { numAffectedRows } = await sql`
        update credentials set lease_until = clock_timestamp() - interval '1 second'
        where entity_id = ${entity.id} and lease_until is not null`.execute(db);
      return numAffectedRows === 1n;
    },
    async close() {
      await concur.close();
      await store.close();
    },
  };
}

/** A process with the product's own way to Concur, ready for orders. */
export async function startCaller(setUp: SetUp): Promise<TypeScriptChild> {
  const child = runTypeScript('storm/caller.child.ts', []);
  send(child, setUp);
  await child.nextJson();
  return child;
}

/** Has the process make calls at the same time, and waits for the last of them. */
export async function make(child: TypeScriptChild, order: Order): Promise<Done> {
  send(child, order);
  return doneSchema.parse(await child.nextJson());
}

function send(child: TypeScriptChild, message: SetUp | Order): void {
  child.process.stdin?.write(`${JSON.stringify(message)}\n`);
}
