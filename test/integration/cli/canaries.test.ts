import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DEMO } from '../../../cli/tour/scene';
import { readRunState } from '../../../workers/local';
import { apiOf, sandboxOf, text } from '../../support/chaos/clients';
import { type CommandEvent, dataDirOf, runCommand, type RunningCommand } from '../../support/chaos/command';
import { approve, planCompany, untilMigration } from '../../support/chaos/company';
import { useChaosFolder } from '../../support/chaos/folder';
import { type Needle, NeedleSearch } from '../../support/chaos/needles';
import { filesBelow, histories, type Place, plainTemporalClient, rows } from '../../support/chaos/places';
import { argumentsOf, familyOf, serversOf } from '../../support/chaos/processes';
import { CLIENT_SECRET, documentNumbers, KEY_FILES, keysOf, tokensOf } from '../../support/chaos/secrets';
import { aCardNumber } from '../../support/concur/cards';
import { judgeSandboxAt } from '../../support/sandbox-watch/expect-violations';
import { waitUntil } from '../../support/wait-until';
import { postgresUrl } from '../../../workers/local/postgres-server';

const STEP_MS = 180_000;
const COMPANY = { ...DEMO, travellers: 5 };
const SOURCES = join(__dirname, 'run-cli.mjs');
const CARD = aCardNumber('Visa', 8_451);
const CANARIES: readonly Needle[] = [
  { name: 'card', value: CARD },
  { name: 'end of the card', value: CARD.slice(-12) },
  { name: 'passport', value: 'CANARYPASSPORT8451' },
  { name: 'wrong request token', value: 'canary-wrong-request-token-8451' },
  { name: 'text of a broken body', value: 'canary-in-broken-json-8451' },
];
const [
  ,
  ,
  { value: PASSPORT } = { value: '' },
  { value: TOKEN } = { value: '' },
  { value: BROKEN } = { value: '' },
] = CANARIES;
const planted: Needle = { name: 'the planted needle', value: `planted-${randomUUID()}` };

const folder = useChaosFolder();
const dataDir = () => dataDirOf(folder());
let start: RunningCommand;
let ready: CommandEvent;
const places: Place[] = [];

const problemSchema = z.looseObject({ status: z.number() });
const keySchema = z.looseObject({ key: z.string() });
const callsSchema = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });

/** Asks the API, and keeps the answer among the places unless the key may see what is sensitive. */
async function ask(
  line: string,
  options: { key?: string; body?: string; kept?: boolean } = {},
): Promise<string> {
  const [method = '', path = ''] = line.split(' ');
  const key = options.key ?? readFileSync(join(dataDir(), 'api-key'), 'utf8').trim();
  const response = await fetch(`${text(ready, 'api')}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const answer = await response.text();
  if (options.kept !== false) places.push({ where: `answer to ${line}`, bytes: Buffer.from(answer) });
  return answer;
}

/** Names of what was found where, without showing it. */
function found(search: NeedleSearch, among: Iterable<Place>): string[] {
  return [...among].flatMap(({ where, bytes }) => search.in(bytes).map((what) => `${where}: ${what}`));
}

it(
  'keeps what is secret out of database, histories, logs, answers, messages, files and arguments',
  async () => {
    start = runCommand(folder(), ['start', '--sandbox', '--json'], { LOG_LEVEL: 'trace' }, SOURCES);
    ready = await start.event('ready', STEP_MS);
    const sides = { api: apiOf(ready, dataDir()), sandbox: sandboxOf(ready) };
    const { entityId } = COMPANY;
    const plan = await planCompany(sides, COMPANY, start.tail);
    await approve(sides.api, entityId, plan);
    await untilMigration(
      sides.api,
      entityId,
      'the end',
      STEP_MS,
      start.tail,
      ({ state }) => state === 'completed',
    );
    await waitUntil('stage active', async () => (await sides.api.entity(entityId)).stage === 'active');

    // The passport goes to Concur and comes back; the card lies beside it there.
    const { id, ...first } = await sides.api.traveller(entityId, 't-0001');
    const passports = [{ passportNumber: PASSPORT, passportNationality: 'DE' }];
    await ask(`PUT /v1/entities/${entityId}/travellers/${id}`, {
      body: JSON.stringify({ ...first, passports }),
      kept: false,
    });
    await waitUntil(
      'the passport in Concur',
      async () => JSON.stringify(await sides.sandbox.profile(first.concurUuid ?? '')).includes(PASSPORT),
      STEP_MS,
    );
    const admin = (method: string, path: string, body: unknown): Promise<Response> =>
      fetch(`${sides.sandbox.base}/_admin/${path}`, { method, body: JSON.stringify(body) });
    const cards = [
      {
        vendor: 'Visa',
        accountNo: CARD,
        expDate: '2029-05',
        nameOnCard: 'Ada Example',
        usageType: 'Business',
      },
    ];
    expect((await admin('PUT', `cards/${first.concurUuid ?? ''}`, cards)).status).toBe(200);

    // Calls that fail, with an answer that quotes what it should not.
    const quoting = `<Error><Message>no ${CARD} <PassportNumber>${PASSPORT}</PassportNumber></Message></Error>`;
    await admin('POST', 'script', {
      function: 'summary',
      times: 2,
      action: { kind: 'respond', status: 500, body: quoting },
    });
    await ask(`POST /v1/entities/${entityId}/poll`, { body: '{}' });
    const callsOf = async () => callsSchema.parse(JSON.parse(await ask('GET /v1/calls?failed=true'))).items;
    await waitUntil('a failed call in the journal', async () => (await callsOf()).length > 0, STEP_MS);

    // Inputs that are refused.
    const traveller = `/v1/entities/${entityId}/travellers/bad`;
    const bad = {
      username: PASSPORT,
      passports: [{ passportNumber: [PASSPORT] }],
      cards: [{ accountNo: CARD }],
    };
    const refusals = [
      await ask(`PUT ${traveller}`, { body: JSON.stringify(bad) }),
      await ask(`PUT ${traveller}`, { body: `{"passportNumber": "${BROKEN}"` }),
      await ask(`POST /v1/entities/${entityId}/request-token`, {
        body: JSON.stringify({ requestToken: TOKEN }),
      }),
    ];
    for (const refusal of refusals)
      expect(problemSchema.parse(JSON.parse(refusal)).status).toBeGreaterThanOrEqual(400);
    await ask('POST /v1/keys/rotate', { body: '{}' });

    const created = await ask('POST /v1/api-keys', {
      body: JSON.stringify({ name: 'r', scopes: ['read'] }),
      kept: false,
    });
    const { key } = keySchema.parse(JSON.parse(created));
    const lists = ['travellers', 'migrations/1', 'migrations/1/items'].map(
      (what) => `/v1/entities/${entityId}/${what}`,
    );
    for (const path of [
      ...lists,
      '/v1/entities',
      '/v1/calls',
      '/v1/events',
      '/v1/quarantine',
      '/v1/conflicts',
      '/v1/status',
    ])
      await ask(`GET ${path}`, { key });
    for (const call of await callsOf()) {
      await ask(`GET /v1/calls/${call.id}/support-case`);
      await ask(`GET /v1/calls/${call.id}/support-case`, { key });
    }

    const { client, close } = await plainTemporalClient(text(ready, 'temporalAddress'));
    for await (const place of histories(client)) places.push(place);
    await close();
    const password = readFileSync(join(dataDir(), 'postgres-password'), 'utf8').trim();
    for await (const place of rows(postgresUrl(readRunState(dataDir()).postgres?.port ?? 0, password)))
      places.push(place);
    for (const pid of new Set([...familyOf(start.pid), ...serversOf(dataDir()).map((server) => server.pid)]))
      places.push({ where: `arguments of ${pid}`, bytes: argumentsOf(pid) });
    await judgeSandboxAt(sides.sandbox.base);
    appendFileSync(join(dataDir(), 'logs', 'concordance.log'), `${planted.value}\n`);
    expect(await start.end('SIGINT')).toMatchObject({ code: 0 });
    places.push({ where: 'terminal', bytes: Buffer.from(`${start.stdout()}\n${start.stderr()}`) });
    const files = [...filesBelow(dataDir())];
    const meant: readonly string[] = [...KEY_FILES, 'sandbox.json'];
    places.push(...files.filter(({ where }) => !meant.includes(where)));

    const numbers = documentNumbers(COMPANY.travellers).filter(({ value }) => value.length >= 8);
    const all = [...CANARIES, ...tokensOf(dataDir()), ...keysOf(dataDir()), CLIENT_SECRET, ...numbers];
    const search = new NeedleSearch([planted, ...all]);
    const isPlanted = (what: string): boolean => what.includes(planted.name);
    const everything = found(search, places);
    expect(everything.filter(isPlanted)).toEqual([expect.stringMatching(/^logs\/concordance\.log: /)]);
    expect(everything.filter((what) => !isPlanted(what))).toEqual([]);
    // And they were there to be found: Concur knows them.
    const known = found(
      search,
      files.filter(({ where }) => where === 'sandbox.json'),
    ).join('\n');
    for (const name of ['card', 'passport', 'request token 1', 'refresh token 1', 'access token 1'])
      expect(known).toContain(`${name} (as it is)`);
    for (const kind of [
      'answer to',
      'history of',
      'table concur_calls',
      'arguments of',
      'logs/',
      'temporal.db',
    ])
      expect(places.some(({ where, bytes }) => where.startsWith(kind) && bytes.length > 0)).toBe(true);
  },
  2 * STEP_MS,
);
