import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { runCli } from '../../../cli/run';
import {
  basesBeside,
  type ConcurCards,
  type ConcurProfiles,
  type Connection,
  createConcurCards,
  createConcurProfiles,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
  type Transport,
} from '../../../concur';
import { type ConcurSandbox, createConcurSandbox, GLOBAL_ORIGIN, SANDBOX_CLIENT } from '../../../sandbox';
import { CallJournal } from '../../../workers/journal';
import { Captured } from '../../unit/cli/harness';
import { type Bench } from '../../unit/api/support';
import { anEntity } from '../builders';
import { aCardNumber } from '../concur/cards';
import { inProcess } from '../engine/world';
import { countingIds } from '../hub/stores';

const LOGIN = 'case@example.test';
/** Values of nobody that are sent, and must be in no support case. */
export const CANARIES = {
  'request token': 'canary-request-token-0451',
  'client secret': SANDBOX_CLIENT.clientSecret,
  'client id': SANDBOX_CLIENT.clientId,
  card: aCardNumber('Visa', 4711),
  passport: 'CANARYPASS451',
  password: 'Canary-Password-0451!',
} as const;

interface Tools {
  readonly connection: Connection;
  readonly profiles: ConcurProfiles;
  readonly cards: ConcurCards;
  readonly sandbox: ConcurSandbox;
}

export interface Failure {
  readonly function: string;
  readonly user?: string;
  /** What the request's body has, with what is secret taken out. */
  readonly body?: RegExp;
  /** Concur answers 500 and quotes address, headers and body of the request. */
  readonly echoed?: true;
  provoke(tools: Tools, companyUuid: string): Promise<unknown>;
}

const SECTIONS = {
  general: { firstName: 'Ada', lastName: 'Example', travelConfigId: '4711' },
  passports: [{ passportNumber: CANARIES.passport, passportNationality: 'DE' }],
};
const profile = (action: 'Create' | 'Update', { profiles }: Tools): Promise<unknown> =>
  profiles.writeProfile({
    ...{ action, loginId: LOGIN, status: 'active', sections: SECTIONS },
    ...(action === 'Create' ? { password: CANARIES.password } : {}),
  });
const card = ({ cards }: Tools): Promise<unknown> =>
  cards.writeCards(
    { type: 'login', value: LOGIN },
    { put: [{ vendor: 'Visa', accountNo: CANARIES.card, expDate: '2029-05', nameOnCard: 'Ada Example' }] },
  );

function refusing(
  name: 'profile-write' | 'profile-read' | 'fop-write',
  status: number,
  { sandbox }: Tools,
): void {
  const body = '<Error><Message>refused</Message></Error>';
  sandbox.admin.addScript([{ function: name, times: 2, action: { kind: 'respond', status, body } }]);
}

export const FAILURES: Readonly<Record<string, Failure>> = {
  'a failed exchange': {
    function: 'exchangeRequestToken',
    provoke: ({ connection }) => connection.exchange(CANARIES['request token']),
  },
  'a refused profile': {
    ...{ function: 'createProfile', user: LOGIN, body: /<LastName>Example</ },
    provoke: (tools) => {
      refusing('profile-write', 400, tools);
      return profile('Create', tools);
    },
  },
  'rejected cards': {
    ...{ function: 'writeCards', user: LOGIN, body: /<NameOnCard>Ada Example</ },
    provoke: (tools) => {
      refusing('fop-write', 400, tools);
      return card(tools);
    },
  },
  'a 403': {
    ...{ function: 'readProfile', user: LOGIN },
    provoke: (tools) => {
      refusing('profile-read', 403, tools);
      return tools.profiles.readProfile({ type: 'login', value: LOGIN });
    },
  },
  'a 500 that quotes a profile with its password': {
    ...{ function: 'createProfile', user: LOGIN, echoed: true },
    provoke: (tools) => profile('Create', tools),
  },
  'a 500 that quotes a card': {
    ...{ function: 'writeCards', user: LOGIN, echoed: true },
    provoke: (tools) => card(tools),
  },
  'a refused refresh': {
    function: 'refreshToken',
    provoke: async ({ connection, sandbox }, companyUuid) => {
      sandbox.admin.revokeTokens(companyUuid, 'all');
      await connection.renew();
    },
  },
};

export interface FailingWorld {
  readonly entityId: string;
  readonly sandbox: ConcurSandbox;
  readonly port: number;
  /** @returns the correlation id that the failing call was sent with */
  provoke(failure: Failure): Promise<string>;
  succeed(): Promise<string>;
  /** Headers and bodies of all requests. */
  sent(): readonly string[];
  /** That are or were in the vault. */
  tokens(): Promise<Readonly<Record<string, string>>>;
}

/** The real client and journal on the store of an API that serves; Concur is the sandbox. */
export async function failingWorld(bench: Bench): Promise<FailingWorld> {
  const { store } = bench;
  const sandbox = createConcurSandbox({ sleep: () => Promise.resolve() });
  const definition = anEntity().with({ ids: { companyId: 'COMP-77', outtaskId: 'OUT-55' } });
  const { id: entityId, companyUuid, travelConfigId } = definition;
  await store.entities.create({ ...definition }, { now: new Date() });
  sandbox.admin.putCompany({ companyUuid, travelConfigIds: [travelConfigId] });
  sandbox.admin.seedProfile({ companyUuid, loginId: LOGIN });

  const requests: { readonly id: string; readonly text: string }[] = [];
  const known = new Set<string>();
  const failed: string[] = [];
  let isEchoing = false;
  const concur = inProcess(sandbox);
  const transport: Transport = async (request) => {
    const text = `${request.url.href}\n${JSON.stringify(request.headers)}\n${request.body ?? ''}`;
    requests.push({ id: request.headers['concur-correlationid'] ?? '', text });
    if (!isEchoing || request.method !== 'POST') return concur(request);
    return {
      status: 500,
      headers: { 'concur-correlationid': randomUUID(), 'x-echo': text.replaceAll('\n', ' ') },
      body: text,
    };
  };
  const journal = new CallJournal({
    calls: store.calls,
    log: pino({ level: 'silent' }),
    ids: countingIds('call-'),
  });
  const gate = createOriginGate([]);
  const [now, sleep, newId] = [() => new Date(), () => Promise.resolve(), randomUUID];
  const delays = { unavailableDelayMs: 1, retryBaseMs: 1 };
  const timeoutMs = 60_000;
  const send = createSend({
    ...{ gate, transport, now, newId, timeoutMs, ...delays },
    onCall: (record) => {
      if (record.failure !== undefined) failed.push(record.correlationIdSent);
      journal.note(entityId, record);
    },
  });
  const otherBases = basesBeside(GLOBAL_ORIGIN, []);
  const authUrl = GLOBAL_ORIGIN;
  const oauth = createOAuth({ send, gate, now, ...SANDBOX_CLIENT, authUrl, otherBases, delays });
  const tokenStore = store.credentials;
  const connection = createConnection({ entityId, tokenStore, oauth, now, sleep, newId, timeoutMs });
  const tools: Tools = {
    ...{ connection, sandbox },
    profiles: createConcurProfiles({ connection, send, delays }),
    cards: createConcurCards({ connection, send, delays, grantedScopes: () => Promise.resolve(undefined) }),
  };
  const connect = async (): Promise<void> => {
    await connection.exchange(sandbox.admin.issueRequestToken(companyUuid).requestToken);
    const { accessToken = '', refreshToken = '' } = await store.credentials.load(entityId);
    known.add(accessToken).add(refreshToken);
  };
  await connect();
  const port = Number(new URL(await bench.api.listen({ port: 0, host: '127.0.0.1' })).port);
  return {
    ...{ entityId, sandbox, port },
    async provoke(failure) {
      sandbox.admin.clearScript();
      isEchoing = failure.echoed === true;
      const before = failed.length;
      await failure.provoke(tools, companyUuid).then(
        () => {
          throw new Error('expected a failure');
        },
        (error: unknown) => {
          if (error instanceof Error && error.message === 'expected a failure') throw error;
        },
      );
      isEchoing = false;
      await journal.flush();
      const id = failed.slice(before).at(-1);
      if (id === undefined) throw new Error('no call failed');
      return id;
    },
    async succeed() {
      sandbox.admin.clearScript();
      await connect();
      await tools.profiles.readProfile({ type: 'login', value: LOGIN });
      await journal.flush();
      return requests.at(-1)?.id ?? '';
    },
    sent: () => requests.map(({ text }) => text),
    tokens: () => Promise.resolve(Object.fromEntries([...known].map((value, n) => [`token ${n}`, value]))),
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `concordance support-case <id>` against that API. */
export async function runSupportCase(
  world: FailingWorld,
  key: string,
  correlationId: string,
  ...more: readonly string[]
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'concordance-case-'));
  const [stdout, stderr] = [new Captured(), new Captured()];
  try {
    const code = await runCli(['support-case', correlationId, ...more], {
      env: { DATA_DIR: join(folder, 'data'), API_PORT: String(world.port), API_KEY: key },
      ...{ folder, stdout, stderr },
      stdin: process.stdin,
      clock: {
        now: () => new Date(),
        monotonicMs: () => performance.now(),
        sleep: () => Promise.resolve(),
      },
      onSignal: () => () => undefined,
      forceExit: () => undefined,
      loadParts: () => Promise.reject(new Error('no parts')),
      loadProbes: () => Promise.reject(new Error('no probes')),
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
