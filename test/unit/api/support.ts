import { Writable } from 'node:stream';
import { type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { z } from 'zod';
import { type Api, type ApiDeps, createApi } from '../../../api';
import { type Delivery, type StoredRequest, type WorkflowEngine } from '../../../client/requests';
import { type ApiScope, type HubDatabase, type HubStore } from '../../../hub';
import { pgliteDatabase, storeOn, testKeyRing } from '../../support/hub/stores';

// `inject` loads this package for cookies, of which there are none; it is ESM, which Jest cannot require.
jest.mock('cookie', () => ({}));

/** Stands in for the Temporal side: notes what it is given and answers as it is told. */
export class FakeEngine implements WorkflowEngine {
  readonly delivered: StoredRequest[] = [];
  readonly woken: string[] = [];
  answer: (stored: StoredRequest) => Promise<Delivery> = () => Promise.resolve({ status: 'delivered' });
  wake: () => Promise<boolean> = () => Promise.resolve(true);
  state = { temporal: true, worker: true };

  deliver(stored: StoredRequest): Promise<Delivery> {
    this.delivered.push(stored);
    return this.answer(stored);
  }
  wakePublisher(entityId: string): Promise<boolean> {
    this.woken.push(entityId);
    return this.wake();
  }
  health(): Promise<{ temporal: boolean; worker: boolean }> {
    return Promise.resolve(this.state);
  }
  isAway(): void {
    this.answer = () => Promise.resolve({ status: 'pending', message: 'Temporal does not answer.' });
    this.wake = () => Promise.resolve(false);
    this.state = { temporal: false, worker: false };
  }
  refuses(code: string): void {
    this.answer = () => Promise.resolve({ status: 'refused', code, message: 'Not now.' });
  }
  kinds(): string[] {
    return this.delivered.map(({ request }) => request.kind);
  }
  reset(): void {
    this.delivered.length = 0;
    this.woken.length = 0;
    this.answer = () => Promise.resolve({ status: 'delivered' });
    this.wake = () => Promise.resolve(true);
    this.state = { temporal: true, worker: true };
  }
}

export const UI_ORIGIN = 'http://127.0.0.1:8233';
export const START = new Date('2026-03-02T08:00:00.000Z');

/** A clock that stands until it is moved. */
export class ManualClock {
  private time = START.getTime();
  now(): Date {
    return new Date(this.time);
  }
  advanceMinutes(minutes: number): void {
    this.time += minutes * 60_000;
  }
  reset(): void {
    this.time = START.getTime();
  }
}

/** Reverses bytes, so that what came through it can be told. */
export const reversingCodec: ApiDeps['codec'] = {
  encode: (payloads) => Promise.resolve(payloads.map(reversed)),
  decode: (payloads) => Promise.resolve(payloads.map(reversed)),
};

function reversed<P extends { data?: Uint8Array | null }>(payload: P): P {
  return payload.data == null ? payload : { ...payload, data: Uint8Array.from([...payload.data].reverse()) };
}

export interface Bench {
  readonly api: Api;
  readonly store: HubStore;
  readonly db: HubDatabase;
  readonly engine: FakeEngine;
  readonly clock: ManualClock;
  /** Everything that was logged, one line each. */
  readonly log: string[];
  /** A key with exactly these scopes. */
  key(...scopes: readonly ApiScope[]): string;
  close(): Promise<void>;
}

export const SETTINGS: ApiDeps['settings'] = {
  API_HOST: '127.0.0.1',
  API_PORT: 8080,
  API_ALLOW_PLAIN: false,
  REQUEST_TOKEN_LIFETIME_MINUTES: 720,
  SUPPORT_HOURS: { fromMinute: 360, untilMinute: 900, timeZone: 'Europe/Zurich' },
  POLL_MINUTES: [5, 20, 35, 50],
  TRUSTED_PROXIES: [],
};

/** The API over a database in memory: one per test file, because that takes seconds. */
export async function aBench(overrides: Partial<ApiDeps> = {}): Promise<Bench> {
  const db = await pgliteDatabase();
  const store = storeOn(db, testKeyRing());
  const engine = new FakeEngine();
  const clock = new ManualClock();
  const log: string[] = [];
  let ids = 0;
  const api = await createApi({
    settings: SETTINGS,
    store,
    engine,
    codec: reversingCodec,
    clock,
    ids: { next: () => `id-${String((ids += 1)).padStart(6, '0')}` },
    log: pino({ level: 'trace' }, sink(log)),
    uiOrigin: UI_ORIGIN,
    ...overrides,
  });
  const keys = new Map<string, string>();
  for (const scopes of SCOPE_SETS) {
    const { key } = await store.apiKeys.create({ name: scopes.join(' '), scopes }, { now: clock.now() });
    keys.set(nameOf(scopes), key);
  }
  return {
    api,
    store,
    db,
    engine,
    clock,
    log,
    key: (...scopes) => keys.get(nameOf(scopes)) ?? `no key has ${scopes.join(' ')}`,
    close: async () => {
      await api.close();
      await store.close();
    },
  };
}

const SCOPE_SETS: readonly (readonly ApiScope[])[] = [
  ['read'],
  ['write'],
  ['read', 'write'],
  ['admin'],
  ['read', 'admin'],
  ['write', 'admin'],
  ['read', 'sensitive'],
  ['read', 'write', 'sensitive'],
  ['write', 'admin', 'sensitive'],
  ['read', 'admin', 'sensitive'],
  ['read', 'write', 'admin', 'sensitive'],
];
export const ALL: readonly ApiScope[] = ['read', 'write', 'admin', 'sensitive'];

function nameOf(scopes: readonly ApiScope[]): string {
  return [...scopes].sort().join(' ');
}

function sink(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(
        ...chunk
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== ''),
      );
      done();
    },
  });
}

export interface Call {
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API with a key of all scopes unless another is given. */
export function call(bench: Bench, line: string, options: Call = {}): Promise<LightMyRequestResponse> {
  const [method, url] = line.split(' ');
  const key = options.key ?? bench.key(...ALL);
  const request: InjectOptions = {
    method: methodSchema.parse(method),
    url: url ?? '/',
    headers: {
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { payload: JSON.stringify(options.body) }),
  };
  return bench.api.inject(request);
}

const methodSchema = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const objectSchema = z.record(z.string(), z.unknown());

/** The JSON body of an answer. */
export function json(response: LightMyRequestResponse): Record<string, unknown> {
  return parsed(response.body);
}

/** A JSON object from its text. */
export function parsed(text: string): Record<string, unknown> {
  return objectSchema.parse(JSON.parse(text));
}

const errorsSchema = z
  .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
  .default([]);

/** Matchers without the type any. */
export const aText: unknown = expect.any(String);
export const aNumber: unknown = expect.any(Number);
export const textWith = (part: string | RegExp): unknown => expect.stringMatching(part);

/** Status, code and per-field errors of a problem; fails for an answer that is none. */
export function problem(response: LightMyRequestResponse) {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  const body = json(response);
  expect(body).toMatchObject({
    type: aText,
    title: aText,
    detail: aText,
    status: response.statusCode,
  });
  return {
    status: response.statusCode,
    code: body['code'],
    detail: String(body['detail']),
    errors: errorsSchema.parse(body['errors']),
  };
}

/** A definition for POST /v1/entities. */
export function anEntity(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    name: 'ACME Germany',
    companyUuid: '7b1b1f0e-0000-4000-8000-000000000001',
    travelConfigId: '104',
    ...more,
  };
}

/** Creates an entity over HTTP and puts it into a stage, as its workflow would. */
export async function entityIn(
  bench: Bench,
  id: string,
  stage: Parameters<HubStore['entities']['setState']>[1]['stage'] = 'active',
): Promise<void> {
  await call(bench, 'POST /v1/entities', { body: anEntity(id) });
  await bench.store.entities.setState(id, stage === undefined ? {} : { stage });
  bench.engine.reset();
}
