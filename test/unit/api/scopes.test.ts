import { z } from 'zod';
import { type CallRecord } from '../../../hub';
import { aBench, ALL, type Bench, call, entityIn, json, problem } from './support';

const CANARY = 'CANARY-SENSITIVE-7731';
const TRAVELLER = '/v1/entities/acme/travellers/T1';

let bench: Bench;
/** Every operation of the document: `GET /v1/entities/{id}` and the access that the route declares. */
let operations: readonly { readonly line: string; readonly access: unknown }[];
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
  ids = await planted();
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))) })
    .parse(json(await call(bench, 'GET /openapi.json', { key: '' })));
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      line: `${method.toUpperCase()} ${path}`,
      access: operation['x-required-scope'],
    })),
  );
});
afterAll(() => bench.close());

/** A traveller with everything sensitive, its conflict, planned document, quarantine and failed call. */
async function planted(): Promise<Readonly<Record<string, string>>> {
  const { store, clock } = bench;
  const now = clock.now();
  const sections = {
    passports: [{ passportNumber: CANARY, passportNationality: 'DE' }],
    visas: [{ visaNumber: CANARY, visaNationality: 'US' }],
    nationalIds: [{ nationalIdNumber: CANARY, issuingCountry: 'DE' }],
  };
  await call(bench, `PUT ${TRAVELLER}`, { body: { username: 'erika@example.test', ...sections } });
  await call(bench, 'POST /v1/entities/acme/migrations', { body: { strategy: 'merge' } });
  await store.migrations.putItems([
    {
      entityId: 'acme',
      migrationNumber: 1,
      travellerId: 'T1',
      action: 'update',
      planHash: 'h',
      replanned: false,
      plan: {
        ...{ action: 'Update', loginId: 'erika@example.test', status: 'active', sections },
        ...{ overwrites: [`passports[${CANARY}]`], clears: [`visas[${CANARY}].type`], withheld: [] },
      },
    },
  ]);
  await store.sync.transaction(async (tx) => {
    const about = { entityId: 'acme', travellerId: 'T1' };
    const conflict = { section: 'passports', slot: `passports/${CANARY}`, winner: 'hub' } as const;
    await tx.addConflicts([{ ...about, ...conflict, hubValue: CANARY, concurValue: CANARY }], now);
    await tx.quarantine([{ ...about, direction: 'pull', code: 'c', reason: 'r', message: CANARY }], now);
  });
  const failed: CallRecord = {
    id: 'call-1',
    entityId: 'acme',
    at: now,
    system: 'concur',
    method: 'POST',
    route: '/api/travelprofile/v2.0/profile',
    durationMs: 1,
    status: 400,
    errorCode: 'E001',
    content: {
      user: CANARY,
      exchange: {
        url: `https://x.test/?userid_value=${CANARY}`,
        requestHeaders: { note: CANARY },
        requestBody: CANARY,
        responseHeaders: { note: CANARY },
        responseBody: CANARY,
      },
    },
  };
  await store.calls.add([failed]);
  const [record] = (await store.quarantine.list({ limit: 1 })).items;
  return { quarantine: record?.id ?? '', conflicts: '', calls: 'call-1' };
}

/** The same operation with ids that exist. */
function withIds(line: string): string {
  const [, list = ''] = /\/v1\/(\w+)\/\{id\}/.exec(line) ?? [];
  return line
    .replace('{id}', ids[list] ?? 'acme')
    .replace('{n}', '1')
    .replace('{number}', '1')
    .replace('{travellerId}', 'T1');
}

const ADMIN_ONLY = [
  'GET /v1/api-keys',
  'POST /v1/api-keys',
  'DELETE /v1/api-keys/{id}',
  'POST /v1/keys/rotate',
];
const FOR_ALL = ['GET /health/live', 'GET /health/ready'];

describe('every route', () => {
  it('declares the scope that its method and its place ask for', () => {
    const expected = (line: string): string => {
      if (FOR_ALL.includes(line)) return 'public';
      if (ADMIN_ONLY.includes(line)) return 'admin';
      if (line.includes(' /codec/')) return 'codec';
      if (line.includes(' /v1/concur/')) return 'push';
      return line.startsWith('GET ') ? 'read' : 'write';
    };
    expect(operations.length).toBeGreaterThan(40);
    for (const { line, access } of operations)
      expect(`${line} ${String(access)}`).toBe(`${line} ${expected(line)}`);
  });

  it('refuses whoever has no key with 401, before it looks at anything else', async () => {
    for (const { line, access } of operations) {
      // A push proves itself in ways of its own: test/unit/api/push.test.ts.
      if (access === 'public' || access === 'push') continue;
      for (const key of ['', 'cnc_unknown-key']) {
        const { status } = problem(await call(bench, withIds(line), { key, body: bodyFor(line) }));
        expect(`${line} ${status}`).toBe(`${line} 401`);
      }
    }
  });

  it('refuses a key that has all scopes but that one with 403', async () => {
    for (const { line, access } of operations) {
      // A push proves itself in ways of its own: test/unit/api/push.test.ts.
      if (access === 'public' || access === 'push') continue;
      const needed = access === 'codec' ? (line.endsWith('encode') ? 'write' : 'read') : access;
      const others = ALL.filter((scope) => scope !== needed);
      const refused = await call(bench, withIds(line), { key: bench.key(...others), body: bodyFor(line) });
      const { status, code } = problem(refused);
      expect(`${line} ${status} ${String(code)}`).toBe(`${line} 403 scope-missing`);
    }
  });

  it('beyond the document is the document itself and its page', () => {
    const documented = new Set(operations.map(({ line }) => line.replace(/\{(\w+)\}/g, ':$1')));
    const hidden = [...routesOf(bench.api.printRoutes({ commonPrefix: false }))].filter(
      (line) => !documented.has(line) && !line.startsWith('HEAD '),
    );
    for (const line of hidden) expect(line).toMatch(/^(GET \/(openapi\.json|docs)|OPTIONS \/codec\/)/);
    expect(hidden.length).toBeGreaterThan(3);
  });
});

function bodyFor(line: string): unknown {
  return line.startsWith('GET ') || line.startsWith('DELETE ') ? undefined : {};
}

/** `/v1/x (GET, HEAD)` of the tree → `GET /v1/x`, `HEAD /v1/x`. */
function* routesOf(tree: string): Generator<string> {
  const above: string[] = [];
  for (const line of tree.split('\n')) {
    const found = /^([│ ├└─]*)(\S+)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (found === null) continue;
    const [, indent = '', part = '', methods] = found;
    above.length = Math.max(0, indent.length / 4 - 1);
    const path = above.join('') + part;
    above.push(part);
    for (const method of methods?.split(', ') ?? []) yield `${method} ${path}`;
  }
}

describe('without the scope `sensitive`', () => {
  const readable = () =>
    operations.filter(({ line, access }) => line.startsWith('GET ') && access === 'read');

  it('no route shows a number of a document, a lost value, a planned one, or what was sent', async () => {
    for (const { line } of readable()) {
      const { statusCode, body } = await call(bench, withIds(line), { key: bench.key('read') });
      expect(`${line} ${body.includes(CANARY) ? 'shows it' : 'hides it'}`).toBe(`${line} hides it`);
      expect(`${line} ${statusCode < 500}`).toBe(`${line} true`);
    }
  });

  it('with it those routes do that are meant to, so that the test before is not blind', async () => {
    const showing: string[] = [];
    for (const { line } of readable()) {
      const { body } = await call(bench, withIds(line), { key: bench.key('read', 'sensitive') });
      if (body.includes(CANARY)) showing.push(line);
    }
    expect(showing.map((line) => line.replace('{number}', '{n}')).sort()).toEqual([
      'GET /v1/calls/{id}/support-case',
      'GET /v1/conflicts',
      'GET /v1/entities/{id}/migrations/{n}/items',
      'GET /v1/entities/{id}/migrations/{n}/items/{travellerId}',
      'GET /v1/entities/{id}/travellers',
      'GET /v1/entities/{id}/travellers/{travellerId}',
      'GET /v1/quarantine/{id}',
    ]);
  });

  it('writes answer masked as well, and without content to who cannot read', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const line = `${method} ${TRAVELLER}`;
      const masked = await call(bench, line, {
        key: bench.key('read', 'write'),
        body: { username: 'e@example.test' },
      });
      expect([masked.statusCode, masked.body.includes(CANARY)]).toEqual([200, false]);
      expect(masked.body).toContain('••••7731');
      const unread = await call(bench, line, {
        key: bench.key('write'),
        body: { username: 'e@example.test' },
      });
      expect([unread.statusCode, unread.body.includes('7731')]).toEqual([200, false]);
    }
  });
});
