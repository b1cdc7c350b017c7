import { randomUUID } from 'node:crypto';
import { MockAgent } from 'undici';
import {
  basesBeside,
  type CallRecord,
  type ConcurProfiles,
  type Connection,
  createConcurProfiles,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
  type OAuth,
  type Send,
  type StoredConnection,
  undiciTransport,
} from '../../../concur';
import { aConnection, ENTRY, TokenStoreInMemory } from './tokens';

export const NOW = new Date('2026-08-01T12:00:00Z');
export const DELAYS = { unavailableDelayMs: 300_000, retryBaseMs: 1_000 };
export const CLIENT_SECRET = 'client-secret-of-nobody';

/** One request as it went out. */
export interface Seen {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ConcurWorld {
  readonly agent: MockAgent;
  readonly seen: Seen[];
  readonly journal: CallRecord[];
  readonly store: TokenStoreInMemory;
  readonly send: Send;
  readonly oauth: OAuth;
  readonly connection: Connection;
  readonly profiles: ConcurProfiles;
  /** Another process on the same vault. */
  anotherConnection(): Connection;
  /** Moves the clock, which stands still at NOW. */
  advance(milliseconds: number): void;
  /** Answers every request to an origin; `answer` may look at the request. */
  at(origin: string, answer: (seen: Seen) => Reply): void;
}

export interface WorldOptions {
  readonly stored?: Partial<StoredConnection>;
  readonly allowedOrigins?: readonly string[];
  readonly timeoutMs?: number;
}

/** The client of this folder against undici's mock: nothing leaves the machine. */
export function aConcurWorld(options: WorldOptions = {}): ConcurWorld {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const seen: Seen[] = [];
  const journal: CallRecord[] = [];
  const store = new TokenStoreInMemory(aConnection(options.stored));
  const gate = createOriginGate(options.allowedOrigins ?? []);
  let time = NOW.getTime();
  const now = (): Date => new Date(time);
  const send = createSend({
    gate,
    transport: undiciTransport(agent).send,
    now,
    newId: randomUUID,
    timeoutMs: options.timeoutMs ?? 2_000,
    ...DELAYS,
    onCall: (record) => journal.push(record),
  });
  const oauth = createOAuth({
    send,
    gate,
    now,
    clientId: 'client-id-of-nobody',
    clientSecret: CLIENT_SECRET,
    authUrl: ENTRY,
    otherBases: basesBeside(ENTRY, []),
    delays: DELAYS,
  });
  const anotherConnection = (): Connection =>
    createConnection({
      entityId: 'example',
      tokenStore: store,
      oauth,
      now,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      newId: randomUUID,
      timeoutMs: options.timeoutMs ?? 2_000,
    });
  const connection = anotherConnection();
  return {
    agent,
    seen,
    journal,
    store,
    send,
    oauth,
    connection,
    profiles: createConcurProfiles({ connection, send, delays: DELAYS }),
    anotherConnection,
    advance(milliseconds) {
      time += milliseconds;
    },
    at(origin, answer) {
      const pool = agent.get(origin);
      for (const method of ['GET', 'POST', 'DELETE']) {
        pool
          .intercept({ path: () => true, method })
          .reply((request) => {
            const one: Seen = {
              origin,
              method,
              path: request.path,
              headers: Object.fromEntries(Object.entries({ ...request.headers })),
              body: typeof request.body === 'string' ? request.body : '',
            };
            seen.push(one);
            const { status = 200, body = '', headers = {} } = answer(one);
            return { statusCode: status, data: body, responseOptions: { headers } };
          })
          .persist();
      }
    },
  };
}

/** A token answer with numbers as Concur sends them now and then: as text. */
export function aTokenAnswer(n: number, changes: Readonly<Record<string, unknown>> = {}): Reply {
  return {
    headers: { 'content-type': 'application/json', 'concur-correlationid': `token-answer-${n}` },
    body: JSON.stringify({
      expires_in: '3600',
      scope: 'openid TRVPRF TMCSP',
      token_type: 'Bearer',
      access_token: `access-token-${n}`,
      refresh_token: `refresh-token-${n}`,
      refresh_expires_in: 1_801_000_000,
      geolocation: 'https://us2.api.concursolutions.com',
      ...changes,
    }),
  };
}

export function aTokenError(
  code: number,
  changes: Readonly<Record<string, unknown>> = {},
  status = 400,
): Reply {
  const body = { code, error: 'invalid_grant', error_description: 'as it were', ...changes };
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Stored tokens that are good for another half hour. */
export const GOOD_TOKEN: Partial<StoredConnection> = {
  accessToken: 'access-token-good',
  accessTokenExpiresAt: new Date('2026-08-01T12:30:00Z'),
};
