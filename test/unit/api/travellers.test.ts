import { z } from 'zod';
import { aBench, aText, type Bench, call, type Call, entityIn, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
});
afterEach(() => bench.engine.reset());
afterAll(() => bench.close());

const BASE = '/v1/entities/acme/travellers';
const put = (id: string, body: object, options: Call = {}) =>
  call(bench, `PUT ${BASE}/${id}`, { ...options, body });
const patch = (id: string, body: object, options: Call = {}) =>
  call(bench, `PATCH ${BASE}/${id}`, { ...options, body });
const get = (id: string, options: Call = {}) => call(bench, `GET ${BASE}/${id}`, options);
const including = (part: object): unknown => expect.arrayContaining([expect.objectContaining(part)]);
const named = (id: string) => ({ username: `${id}@example.test` });

describe('writing a traveller', () => {
  it('creates with PUT, and the same PUT again changes nothing', async () => {
    const body = { ...named('P1'), general: { firstName: 'Erika' } };
    const created = await put('P1', body);
    expect(created.statusCode).toBe(201);
    expect(created.headers).toMatchObject({ location: `${BASE}/P1`, etag: '"1"' });
    expect(json(created)).toEqual({
      id: 'P1',
      username: 'P1@example.test',
      status: 'active',
      concurLoginId: null,
      concurUuid: null,
      general: { firstName: 'Erika' },
      sync: { state: 'pending', lastPublishedAt: null, lastPulledAt: null, warnings: [] },
    });
    const again = await put('P1', body);
    expect(again.statusCode).toBe(200);
    expect(again.headers.etag).toBe('"1"');
  });

  it('keeps what is absent, clears with null and [], replaces lists whole', async () => {
    await put('P2', {
      ...named('P2'),
      general: { firstName: 'Erika', middleName: 'Maria' },
      hotel: { roomType: 'Queen' },
      emailAddresses: [{ type: 'Business', value: 'a@example.test' }],
      customFields: [{ name: 'A', value: '1' }],
    });
    const answer = await put('P2', {
      general: { middleName: null },
      hotel: null,
      emailAddresses: [],
      customFields: [{ name: 'B', value: '2' }],
    });
    const { general, hotel, emailAddresses, customFields, username } = json(answer);
    expect({ general, hotel, emailAddresses, customFields, username }).toEqual({
      general: { firstName: 'Erika' },
      hotel: undefined,
      emailAddresses: undefined,
      customFields: [{ key: aText, name: 'B', value: '2' }],
      username: 'P2@example.test',
    });
  });

  it('creates with POST, making an id where none is given, and refuses one that is there', async () => {
    const answer = await call(bench, `POST ${BASE}`, { body: named('posted') });
    expect(answer.statusCode).toBe(201);
    const id = String(json(answer)['id']);
    expect(answer.headers.location).toBe(`${BASE}/${id}`);
    const taken = await call(bench, `POST ${BASE}`, { body: { id, ...named('other') } });
    expect(problem(taken)).toMatchObject({ status: 409, code: 'traveller-exists' });
  });

  it('signals the publisher once for many writes, and answers while Temporal is away', async () => {
    await bench.store.entities.clearWake('acme');
    bench.engine.isAway();
    const first = await put('P3', { ...named('P3'), general: { firstName: 'A' } });
    const second = await put('P3', { general: { firstName: 'B' } });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(bench.engine.woken).toEqual(['acme']);
  });

  it('survives an engine that throws when it is woken', async () => {
    await bench.store.entities.clearWake('acme');
    bench.engine.wake = () => Promise.reject(new Error('words with P4@example.test'));
    expect((await put('P4', named('P4'))).statusCode).toBe(201);
    expect(bench.log.join('\n')).not.toContain('P4@example.test');
  });

  it.each<[string, object, string, string]>([
    ['a misspelt section', { telephone: [] }, 'telephone', 'unknown-property'],
    [
      'Concur’s spelling of a field',
      { general: { FirstName: 'E' } },
      'general.FirstName',
      'unknown-property',
    ],
    [
      'a field that a list element has not',
      { addresses: [{ zip: '1' }] },
      'addresses[0].zip',
      'unknown-property',
    ],
    ['a text for a flag', { hotel: { preferGym: 'true' } }, 'hotel.preferGym', 'wrong-type'],
    [
      'a text for a number',
      { air: { airMemberships: [{ pointTotal: '1' }] } },
      'air.airMemberships[0].pointTotal',
      'wrong-type',
    ],
    [
      'a fraction',
      { air: { airMemberships: [{ pointTotal: 1.5 }] } },
      'air.airMemberships[0].pointTotal',
      'wrong-type',
    ],
    ['a number for a text', { general: { firstName: 1 } }, 'general.firstName', 'wrong-type'],
    [
      'a day that no calendar has',
      { passports: [{ passportExpiration: '2031-02-29' }] },
      'passports[0].passportExpiration',
      'wrong-format',
    ],
    [
      'a date with a time',
      { tsaInfo: { dateOfBirth: '1985-07-14T00:00:00Z' } },
      'tsaInfo.dateOfBirth',
      'wrong-format',
    ],
    [
      'an address without its city',
      { addresses: [{ type: 'Home', street: 's', postalCode: '1', countryCode: 'DE' }] },
      'addresses[0].city',
      'required',
    ],
    [
      'a mask of nothing',
      { passports: [{ passportNumber: '••••1234' }] },
      'passports.passportNumber',
      'masked-value',
    ],
    ['another id than the address', { id: 'Q' }, 'id', 'id-mismatch'],
    ['a status nobody knows', { status: 'gone' }, 'status', 'not-allowed'],
    ['a username of two letters', { username: ' ab ' }, 'username', 'wrong-length'],
    [
      'a card without its number',
      { cards: [{ vendor: 'Visa', segments: [{ type: 'Air' }] }] },
      'cards[0].accountNo',
      'required',
    ],
    [
      'a masked card of nobody',
      { cards: [{ vendor: 'Visa', accountNo: '••••1234' }] },
      'cards.accountNo',
      'masked-value',
    ],
  ])('refuses %s with path and code', async (_case, change, path, code) => {
    const answer = await put('R1', { ...named('R1'), ...change });
    const { status, errors } = problem(answer);
    expect({ status, errors }).toEqual({
      status: 422,
      errors: including({ path, code }),
    });
    expect((await get('R1')).statusCode).toBe(404);
  });

  it('suggests the field that was meant, and never shows values', async () => {
    const answer = await put('R2', { username: 'R2@example.test', general: { FirstName: 'Secretname' } });
    expect(problem(answer).errors[0]?.message).toContain('`firstName`');
    expect(answer.body).not.toMatch(/Secretname|R2@example/);
  });

  it('does not enforce lengths and enumerations: publishing reports them', async () => {
    const general = { firstName: 'x'.repeat(300), preferredLanguage: 'xx' };
    const answer = await put('R3', { ...named('R3'), general, tsaInfo: { gender: 'Unspecified' } });
    expect(answer.statusCode).toBe(201);
  });

  it.each(['a@b', 'a.b', 'a'.repeat(65), '%C3%A4'])('refuses the new id %s', async (id) => {
    expect(problem(await put(id, named('x')))).toMatchObject({ status: 422 });
    expect(problem(await get(id)).status).toBe(404);
  });

  it('gives a username once', async () => {
    await put('U1', { username: 'One@example.test' });
    const answer = await put('U2', { username: 'one@EXAMPLE.test' });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'username-taken' });
    expect(answer.body.toLowerCase()).not.toContain('one@example.test');
  });

  it('wants a username of a new traveller', async () => {
    expect(problem(await put('U3', {})).errors).toEqual([
      expect.objectContaining({ path: 'username', code: 'required' }),
    ]);
  });
});

describe('read-only fields', () => {
  it('are accepted and ignored, and stay what Concur said', async () => {
    await put('RO', { ...named('RO'), general: { firstName: 'E', companyName: 'made up' } });
    expect(json(await get('RO'))['general']).toEqual({ firstName: 'E' });
    await bench.store.travellers.upsert(
      {
        entityId: 'acme',
        id: 'RO',
        username: 'RO@example.test',
        status: 'active',
        sections: {
          general: { firstName: 'E', companyName: 'ACME' },
          emailAddresses: [
            { key: 'boss', type: 'Supervisor', value: 'boss@example.test' },
            { key: 'own', type: 'Business', value: 'e@example.test' },
          ],
          roles: [{ key: 'r', type: 'Manager', loginId: 'm@example.test', firstName: 'Max' }],
          discountCodes: [{ key: 'd', vendor: 'HZ', value: '1' }],
        },
      },
      { now: bench.clock.now() },
    );
    const answer = await put('RO', {
      general: null,
      emailAddresses: [{ type: 'Business', value: 'new@example.test' }],
      roles: [{ type: 'Manager', loginId: 'm@example.test', firstName: 'Moritz' }],
      discountCodes: [],
    });
    expect(json(answer)).toMatchObject({
      general: { companyName: 'ACME' },
      emailAddresses: [
        { key: 'own', type: 'Business', value: 'new@example.test' },
        { key: 'boss', type: 'Supervisor', value: 'boss@example.test' },
      ],
      roles: [{ key: 'r', loginId: 'm@example.test', firstName: 'Max' }],
      discountCodes: [{ key: 'd', vendor: 'HZ' }],
    });
    expect(json(answer)['general']).not.toHaveProperty('firstName');
  });
});

describe('merge patch', () => {
  it('follows RFC 7396', async () => {
    await put('M1', {
      ...named('M1'),
      general: { firstName: 'A', lastName: 'B' },
      air: { homeAirport: 'BER', seat: { interRowPositionCode: 'Aisle' } },
      customFields: [{ name: 'A', value: '1' }],
    });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const answer = await patch(
      'M1',
      { general: { lastName: null }, air: { seat: { sectionPositionCode: 'Rear' } }, customFields: null },
      { headers },
    );
    expect(answer.statusCode).toBe(200);
    expect(json(answer)).toMatchObject({
      general: { firstName: 'A' },
      air: { homeAirport: 'BER', seat: { interRowPositionCode: 'Aisle', sectionPositionCode: 'Rear' } },
    });
    expect(json(answer)).not.toHaveProperty('customFields');
    expect(json(answer)['general']).not.toHaveProperty('lastName');
  });

  it('creates nobody', async () => {
    expect(problem(await patch('M2', named('M2')))).toMatchObject({ status: 404, code: 'traveller-unknown' });
  });
});

const passportsSchema = z.array(z.object({ passportNumber: z.string() }));

describe('masks', () => {
  const document = { passports: [{ passportNumber: 'EXAMPLE-7890', passportNationality: 'DE' }] };

  it('hide numbers without the scope sensitive, and stand for them when they come back', async () => {
    const key = bench.key('read', 'write');
    const answer = await put(
      'S1',
      { ...named('S1'), ...document, tsaInfo: { dateOfBirth: '1985-07-14' } },
      { key },
    );
    expect(json(answer)).toMatchObject({
      passports: [{ passportNumber: '••••7890' }],
      tsaInfo: { dateOfBirth: '••••' },
    });
    const [shown] = passportsSchema.parse(json(await get('S1', { key }))['passports']);
    const { passportNumber } = shown ?? {};
    await put('S1', { passports: [{ passportNumber, passportNationality: 'AT' }] }, { key });
    expect(json(await get('S1'))).toMatchObject({
      passports: [{ passportNumber: 'EXAMPLE-7890', passportNationality: 'AT' }],
      tsaInfo: { dateOfBirth: '1985-07-14' },
    });
  });

  it('show nothing to a key that cannot read', async () => {
    await put('S2', { ...named('S2'), general: { firstName: 'Erika' } });
    const answer = await put('S2', { hasNoPassport: true }, { key: bench.key('write') });
    expect(json(answer)).toMatchObject({ id: 'S2' });
    expect(json(answer)).not.toHaveProperty('general');
  });
});

describe('If-Match', () => {
  it('refuses a write over another version with 412', async () => {
    await put('E1', named('E1'));
    const { etag } = (await get('E1')).headers;
    expect(
      (await patch('E1', { status: 'inactive' }, { headers: { 'if-match': String(etag) } })).statusCode,
    ).toBe(200);
    const stale = await patch('E1', { status: 'active' }, { headers: { 'if-match': String(etag) } });
    expect(problem(stale)).toMatchObject({ status: 412, code: 'precondition-failed' });
    const missing = await put('E2', named('E2'), { headers: { 'if-match': '*' } });
    expect(problem(missing).status).toBe(412);
    const there = await put('E1', named('E1'), { headers: { 'if-none-match': '*' } });
    expect(problem(there).status).toBe(412);
  });

  it('merges two writes of different fields that meet', async () => {
    await put('E3', named('E3'));
    const answers = await Promise.all([
      patch('E3', { general: { firstName: 'A' } }),
      patch('E3', { general: { lastName: 'B' } }),
      patch('E3', { hasNoPassport: true }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(json(await get('E3'))).toMatchObject({
      general: { firstName: 'A', lastName: 'B' },
      hasNoPassport: true,
    });
  });
});

describe('deleting', () => {
  it('makes the traveller inactive and keeps it readable', async () => {
    await put('D1', { ...named('D1'), general: { firstName: 'Erika' } });
    const answer = await call(bench, `DELETE ${BASE}/D1`);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(json(await get('D1'))).toMatchObject({ status: 'inactive', general: { firstName: 'Erika' } });
    expect((await call(bench, `DELETE ${BASE}/D1`)).statusCode).toBe(204);
    expect(problem(await call(bench, `DELETE ${BASE}/D9`)).status).toBe(404);
  });

  it('erases with ?erase=true, for admins', async () => {
    await put('D2', { ...named('D2'), general: { firstName: 'Erika' } });
    const refused = await call(bench, `DELETE ${BASE}/D2?erase=true`, { key: bench.key('read', 'write') });
    expect(problem(refused)).toMatchObject({ status: 403, code: 'scope-missing' });
    expect((await call(bench, `DELETE ${BASE}/D2?erase=true`)).statusCode).toBe(204);
    const erased = await get('D2');
    expect(erased.body).not.toMatch(/Erika|D2@example/);
    const { id, status } = json(erased);
    expect({ id, status }).toEqual({ id: 'D2', status: 'inactive' });
  });
});

describe('listing', () => {
  it('pages by id, masks, and filters', async () => {
    await entityIn(bench, 'lists');
    for (const id of ['c', 'a', 'b']) {
      await call(bench, `PUT /v1/entities/lists/travellers/${id}`, {
        body: { ...named(id), passports: [{ passportNumber: 'EXAMPLE-7890' }] },
      });
    }
    await call(bench, 'DELETE /v1/entities/lists/travellers/b');
    const url = 'GET /v1/entities/lists/travellers';
    const page = json(await call(bench, `${url}?limit=2`, { key: bench.key('read') }));
    expect(page).toMatchObject({ items: [{ id: 'a' }, { id: 'b' }], nextCursor: 'b' });
    expect(JSON.stringify(page)).not.toContain('EXAMPLE-7890');
    expect(json(await call(bench, `${url}?limit=2&cursor=b`))).toMatchObject({
      items: [{ id: 'c' }],
      nextCursor: null,
    });
    expect(json(await call(bench, `${url}?status=inactive`))['items']).toHaveLength(1);
    expect(problem(await call(bench, `${url}?state=lost`)).status).toBe(422);
    expect(problem(await call(bench, 'GET /v1/entities/none/travellers')).status).toBe(404);
  });

  it('refuses writes to an entity that is gone', async () => {
    await entityIn(bench, 'was-here', 'offboarded');
    const answer = await call(bench, 'PUT /v1/entities/was-here/travellers/T1', { body: named('T1') });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
  });
});
