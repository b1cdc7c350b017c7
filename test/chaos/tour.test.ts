import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as PostgresClient } from 'pg';
import { DEMO } from '../../cli/tour/scene';
import { readRunState } from '../../workers/local';
import { postgresUrl } from '../../workers/local/postgres-server';
import { apiOf, sandboxOf, text } from '../support/chaos/clients';
import { type CommandEvent, dataDirOf, runCommand, type RunningCommand } from '../support/chaos/command';
import { useChaosFolder } from '../support/chaos/folder';
import { type Needle, NeedleSearch } from '../support/secrets/needles';
import { disagreements } from '../support/chaos/one-to-one';
import {
  filesBelow,
  found,
  histories,
  type Place,
  plainTemporalClient,
  rows,
} from '../support/secrets/places';
import { plantHistory, plantRow } from '../support/secrets/plants';
import { judgeSandboxAt } from '../support/sandbox-watch/expect-violations';
import {
  argumentsOf,
  environmentOf,
  expectNothingLeft,
  familyOf,
  serversOf,
} from '../support/chaos/processes';
import {
  CLIENT_SECRET,
  documentNumbers,
  KEY_FILES,
  keysOf,
  personalData,
  tokensOf,
} from '../support/secrets/kept';

/** Getting the programs, creating and reading back 200 profiles: minutes on a loaded machine. */
const TOUR_MS = 240_000;
const IN_STEP = {
  migration: 1,
  published: DEMO.travellers,
  verified: DEMO.travellers,
  equal: DEMO.travellers,
  travellers: DEMO.travellers,
  concurUuids: DEMO.travellers,
  profiles: DEMO.travellers,
  unknownProfiles: 0,
};

const folder = useChaosFolder();
const dataDir = () => dataDirOf(folder());
let start: RunningCommand;
let ready: CommandEvent;
let terminal = '';

beforeAll(() => {
  start = runCommand(folder(), ['start', '--sandbox', '--demo', '--json']);
});

describe('the guided tour', () => {
  it(
    'publishes 200 travellers, finds them all equal, and brings an edit over in both directions',
    async () => {
      ready = await start.event('ready', TOUR_MS);
      const result = await start.event('tour-finished', TOUR_MS);
      expect(result).toMatchObject(IN_STEP);
      expect(result['concurToHubMs']).toBeLessThan(60_000);
      expect(result['hubToConcurMs']).toBeLessThan(60_000);
    },
    TOUR_MS,
  );

  it('is right in what it says: hub and simulated Concur, read one by one, are one to one and the same', async () => {
    const [api, sandbox] = [apiOf(ready, dataDir()), sandboxOf(ready)];
    expect(await disagreements(api, sandbox, DEMO)).toEqual([]);
    const edited = await api.traveller(DEMO.entityId, 't-0001');
    expect(edited).toHaveProperty('air.mealCode');
    const { concurUuid } = await api.traveller(DEMO.entityId, 't-0002');
    expect(await sandbox.profile(concurUuid ?? '')).toHaveProperty('sections.hotel.roomType');
    const seen: unknown = await (await fetch(`${sandbox.base}/_admin/violations`)).json();
    expect(seen).toMatchObject({ clears: [] });
    await judgeSandboxAt(sandbox.base);
  });
});

describe('secrets', () => {
  const planted: Needle = { name: 'the planted needle', value: `planted-${randomUUID()}` };
  let secret: NeedleSearch;
  let personal: NeedleSearch;
  const places: Place[] = [];

  const databaseUrl = (database?: string): string => {
    const password = readFileSync(join(dataDir(), 'postgres-password'), 'utf8').trim();
    const url = new URL(postgresUrl(readRunState(dataDir()).postgres?.port ?? 0, password));
    if (database !== undefined) url.pathname = `/${database}`;
    return url.href;
  };

  beforeAll(() => {
    const needles = [...tokensOf(dataDir()), ...keysOf(dataDir()), CLIENT_SECRET];
    secret = new NeedleSearch([planted, ...needles, ...documentNumbers(DEMO.travellers)]);
    personal = new NeedleSearch([planted, ...personalData(DEMO.travellers)]);
  });

  it('are real ones: tokens of every kind, three keys, and the number of a document for every traveller', () => {
    const kinds = tokensOf(dataDir()).map(({ name }) => name.split(' ')[0]);
    expect(new Set(kinds)).toEqual(new Set(['request', 'refresh', 'access']));
    expect(keysOf(dataDir()).filter(({ value }) => value.length >= 32)).toHaveLength(KEY_FILES.length);
    const owners = new Set(documentNumbers(DEMO.travellers).map(({ name }) => name));
    expect(owners.size).toBe(DEMO.travellers);
    expect(personalData(DEMO.travellers).length).toBeGreaterThan(DEMO.travellers);
    // Simulated Concur knows them all in plain, and the search says so.
    const memory = readFileSync(join(dataDir(), 'sandbox.json'));
    const inMemory = new Set(secret.in(memory).map((what) => what.replace(/ \(.*/, '')));
    expect([...inMemory].filter((name) => name.startsWith('document of')).length).toBe(owners.size);
    expect([...inMemory].filter((name) => name.includes('token'))).toHaveLength(tokensOf(dataDir()).length);
    expect(personal.in(memory).some((what) => what.startsWith('last name'))).toBe(true);
  });

  it('stand in no history of any workflow, where a planted needle is found', async () => {
    const { client, close } = await plainTemporalClient(text(ready, 'temporalAddress'));
    try {
      const plant = await plantHistory(client, planted);
      for await (const place of histories(client)) places.push(place);
      await plant.terminate();
    } finally {
      await close();
    }
    const ours = places.filter(({ where }) => !where.includes('planted-by-test'));
    const workflows = ours.map(({ where }) => where).join('\n');
    for (const id of [`entity-${DEMO.entityId}`, `migration-${DEMO.entityId}-1`, `poll-${DEMO.entityId}`])
      expect(workflows).toContain(id);
    expect(ours.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(20_000);
    const control = places.filter(({ where }) => where.includes('planted-by-test'));
    expect(found(secret, control).join('\n')).toMatch(/bytes: the planted needle \(as it is\)[^]*JSON: /);
    expect(found(secret, ours)).toEqual([]);
    expect(found(personal, ours)).toEqual([]);
  });

  it('stand in no row of the database, where a planted needle and the names are found', async () => {
    const client = new PostgresClient({ connectionString: databaseUrl() });
    await client.connect();
    await client.query('create database planted');
    await client.end();
    await plantRow(databaseUrl('planted'), planted);
    const control: Place[] = [];
    for await (const place of rows(databaseUrl('planted'))) control.push(place);
    expect(found(secret, control)).toEqual([`table planted: ${planted.name} (as it is)`]);

    const dump: Place[] = [];
    for await (const place of rows(databaseUrl())) dump.push(place);
    const tables = dump.map(({ where }) => where);
    expect(tables).toEqual(expect.arrayContaining(['table credentials', 'table travellers']));
    expect(found(secret, dump)).toEqual([]);
    const withNames = found(personal, dump).filter((what) => what.includes('last name'));
    expect(withNames.length).toBeGreaterThan(5);
  });

  it('stand neither in the arguments of any process nor in the environment of the servers', () => {
    const own = new NeedleSearch([{ name: 'path', value: dataDir() }]);
    const servers = serversOf(dataDir()).map(({ pid }) => pid);
    const family = new Set([...familyOf(start.pid), ...servers]);
    expect(servers.length).toBeGreaterThanOrEqual(3);
    const seen = [...family].flatMap((pid) => [
      { where: `arguments of ${pid}`, bytes: argumentsOf(pid) },
      { where: `environment of ${pid}`, bytes: environmentOf(pid) },
    ]);
    expect(found(own, seen).some((what) => what.startsWith('arguments of'))).toBe(true);
    expect(found(own, [{ where: 'start', bytes: environmentOf(start.pid) }])).toHaveLength(1);
    expect(found(secret, seen)).toEqual([]);
    expect(found(personal, seen)).toEqual([]);
  });

  it('lie in files that nobody else may read', () => {
    const modes = [...KEY_FILES, 'sandbox.json', 'temporal.db', 'logs/concordance.log', 'run.json'].map(
      (name) => `${name} ${(statSync(join(dataDir(), name)).mode & 0o777).toString(8)}`,
    );
    expect(modes.filter((mode) => !mode.endsWith(' 600'))).toEqual([]);
    expect(statSync(dataDir()).mode & 0o777).toBe(0o700);
  });

  it('stand in no file of the data folder after the end, and names only in the files of PostgreSQL', async () => {
    writeFileSync(join(dataDir(), 'logs', 'planted.log'), `a line\n`);
    appendFileSync(join(dataDir(), 'logs', 'planted.log'), `with ${planted.value} in it\n`);
    const { code } = await start.end('SIGINT');
    terminal = `${start.stdout()}\n${start.stderr()}`;
    expect({ code, tail: code === 0 ? '' : start.tail() }).toEqual({ code: 0, tail: '' });
    await expectNothingLeft(dataDir());

    // Read again: the worker may have had its token renewed since.
    secret = new NeedleSearch([
      planted,
      ...tokensOf(dataDir()),
      ...keysOf(dataDir()),
      CLIENT_SECRET,
      ...documentNumbers(DEMO.travellers),
    ]);
    const meant: readonly string[] = [...KEY_FILES, 'sandbox.json'];
    const inFiles: string[] = [];
    const names: string[] = [];
    for (const place of filesBelow(dataDir())) {
      if (meant.includes(place.where)) continue;
      inFiles.push(...found(secret, [place]));
      names.push(...found(personal, [place]));
    }
    const isPlanted = (what: string): boolean => what.includes(planted.name);
    const control = inFiles.filter(isPlanted).join('\n');
    expect(control).toContain('logs/planted.log');
    expect(control).toContain('temporal.db');
    expect(control).toContain('postgres/data/');
    expect(inFiles.filter((what) => !isPlanted(what))).toEqual([]);
    const outside = names.filter((what) => !isPlanted(what) && !what.startsWith('postgres/data/'));
    expect(outside).toEqual([]);
    expect(names.filter((what) => what.includes('last name')).length).toBeGreaterThan(0);
  }, 120_000);

  it('stand nowhere in what the terminal showed', () => {
    expect(terminal).toContain('Guided tour');
    expect(secret.in(Buffer.from(`${terminal} ${planted.value}`))).toHaveLength(1);
    expect(secret.in(Buffer.from(terminal))).toEqual([]);
  });
});

describe('the guided tour, run again on the same data folder', () => {
  it(
    'finds what it made, goes on, and makes no second profile',
    async () => {
      const again = runCommand(folder(), ['start', '--sandbox', '--demo', '--json']);
      const readyAgain = await again.event('ready', TOUR_MS);
      expect(await again.event('tour-finished', TOUR_MS)).toMatchObject(IN_STEP);
      expect(again.stderr()).toContain('All were known from an earlier tour.');
      const [api, sandbox] = [apiOf(readyAgain, dataDir()), sandboxOf(readyAgain)];
      expect(await disagreements(api, sandbox, DEMO)).toEqual([]);
      expect(serversOf(dataDir()).length).toBeGreaterThanOrEqual(3);

      const { code } = await again.end('SIGINT');
      expect({ code, tail: code === 0 ? '' : again.tail() }).toEqual({ code: 0, tail: '' });
      await expectNothingLeft(dataDir());
      const { start: owner, temporal, postgres } = readRunState(dataDir());
      expect([owner, temporal?.pid, postgres?.pid]).toEqual([undefined, undefined, undefined]);
    },
    TOUR_MS,
  );
});
