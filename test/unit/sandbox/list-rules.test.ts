import { type BehaviourOverrides } from '../../../sandbox';
import { type SectionChanges } from '../../../profile';
import { Bench, codes } from './support';

const cell = (phoneNumber: string, primaryMobile?: boolean) => ({
  type: 'Cell',
  countryCode: 'US',
  phoneNumber,
  ...(primaryMobile === undefined ? {} : { primaryMobile }),
});
const phone = (type: string, phoneNumber: string) => ({ type, countryCode: 'US', phoneNumber });
const address = (type: string, street: string) => ({
  type,
  street,
  city: 'C',
  postalCode: '1',
  countryCode: 'US',
});
const membership = (vendorCode: string, accountNo: string, more = {}) => ({ vendorCode, accountNo, ...more });

/** What the list is and what the answer says after a POST. */
async function after(
  before: Readonly<Record<string, unknown>>,
  sections: SectionChanges,
  behaviour: BehaviourOverrides = {},
): Promise<{ bench: Bench; codes: readonly string[]; sections: Readonly<Record<string, unknown>> }> {
  const bench = new Bench({ behaviour });
  bench.seed('boss');
  bench.seed('deputy');
  bench.seed('traveller', before);
  const response = await bench.write({ loginId: 'traveller', sections });
  expect(response.status).toBe(200);
  return { bench, codes: codes(response), sections: bench.stored('traveller').sections };
}

describe('cell phones', () => {
  it('replace all cell phones and leave the other telephones alone', async () => {
    const result = await after(
      { telephones: [cell('1-1', true), cell('2-2'), phone('Home', '3')] },
      { telephones: [cell('1-1', true), cell('4-4', false)] },
    );
    expect(result.codes).toEqual(['S001']);
    expect(result.sections['telephones']).toEqual([
      phone('Home', '3'),
      cell('1-1', true),
      cell('4-4', false),
    ]);
    expect(result.bench.admin.clears).toMatchObject([
      { field: 'Telephones/Telephone Cell', how: 'missing-from-list' },
    ]);
  });

  it('are all deleted by a POST of telephones that names none', async () => {
    const result = await after({ telephones: [cell('1-1', true)] }, { telephones: [phone('Home', '3')] });
    expect(result.sections['telephones']).toEqual([phone('Home', '3')]);
  });

  it('are primary by themselves where there is only one', async () => {
    const result = await after({}, { telephones: [cell('1-1')] });
    expect(result.sections['telephones']).toEqual([cell('1-1', true)]);
  });

  it.each([[[cell('1-1'), cell('2-2')]], [[cell('1-1', true), cell('2-2', true)]]])(
    'need exactly one primary, else none is changed (W012)',
    async (telephones) => {
      const before = { telephones: [cell('9-9', true)] };
      const result = await after(before, { telephones: [...telephones, phone('Work', '7')] });
      expect(result.codes).toEqual(['W012']);
      expect(result.sections['telephones']).toEqual([phone('Work', '7'), cell('9-9', true)]);
    },
  );

  it('stay where the new ones cannot be written', async () => {
    const result = await after({ telephones: [cell('9-9', true)] }, { telephones: [cell('ask for Bob')] });
    expect(result.codes).toEqual(['W024']);
    expect(result.sections['telephones']).toEqual([cell('9-9', true)]);
  });
});

describe('other telephones', () => {
  it('are refused without a country code, or with a malformed or unknown one', async () => {
    const bad = [
      { type: 'Home', phoneNumber: '1' },
      { type: 'Work', countryCode: '01', phoneNumber: '2' },
      { type: 'Fax', countryCode: 'USA', phoneNumber: '3' },
      { type: 'Pager', countryCode: 'XX', phoneNumber: '4' },
    ];
    const result = await after({ telephones: [phone('Home', '9')] }, { telephones: bad });
    expect(result.codes).toEqual(['W007', 'W002', 'W002', 'W003']);
    expect(result.sections['telephones']).toEqual([phone('Home', '9')]);
  });

  it('are one of each type (W016)', async () => {
    const sent = [phone('Home', '1'), phone('Home', '2'), phone('Work', '3')];
    const result = await after({ telephones: [phone('Home', '9')] }, { telephones: sent });
    expect(result.codes).toEqual(['W016']);
    expect(result.sections['telephones']).toEqual([phone('Home', '9'), phone('Work', '3')]);
  });

  it('of a type that only reads show cannot be changed (W011)', async () => {
    const bench = new Bench();
    bench.seed('traveller', { telephones: [phone('Work2', '5')] });
    const work2 =
      '<Telephone Type="Work2"><CountryCode>US</CountryCode><PhoneNumber>6</PhoneNumber></Telephone>';
    expect(codes(await bench.update('traveller', `<Telephones>${work2}</Telephones>`))).toEqual(['W011']);
    expect(bench.stored('traveller').sections['telephones']).toEqual([phone('Work2', '5')]);
  });
});

describe('lists with a documented rule', () => {
  it('visas replace: what is missing is deleted', async () => {
    const visa = (visaNumber: string) => ({ visaNationality: 'US', visaNumber });
    const result = await after({ visas: [visa('A'), visa('B')] }, { visas: [visa('B'), visa('C')] });
    expect(result.sections['visas']).toEqual([visa('B'), visa('C')]);
    expect(result.bench.admin.clears).toMatchObject([{ field: 'Visas/Visa', how: 'missing-from-list' }]);
  });

  it('an element keeps the value of a field whose new value cannot be written', async () => {
    const visa = { visaNationality: 'US', visaNumber: 'A', visaCountryIssued: 'CH' };
    const result = await after({ visas: [visa] }, { visas: [{ ...visa, visaCountryIssued: 'Schweiz' }] });
    expect(result.codes).toEqual(['W002']);
    expect(result.sections['visas']).toEqual([visa]);
  });

  it('a list stays as it is where none of the new elements can be written', async () => {
    const visa = (visaNumber: string) => ({ visaNationality: 'US', visaNumber });
    const result = await after({ visas: [visa('A')] }, { visas: [visa('x'.repeat(101))] });
    expect(result.codes).toEqual(['W002']);
    expect(result.sections['visas']).toEqual([visa('A')]);
  });

  it('of addresses the last of a type wins and other types stay', async () => {
    const sent = [address('Work', 'one'), address('Work', 'two')];
    const result = await after({ addresses: [address('Home', 'h')] }, { addresses: sent });
    expect(result.codes).toEqual(['S001']);
    expect(result.sections['addresses']).toEqual([address('Home', 'h'), address('Work', 'two')]);
  });

  it('passports are two at most (W016)', async () => {
    const passports = ['A', 'B', 'C'].map((passportNumber) => ({ passportNumber }));
    const result = await after({ passports: [{ passportNumber: 'Z' }] }, { passports });
    expect(result.codes).toEqual(['W016']);
    expect(result.sections['passports']).toEqual([{ passportNumber: 'Z' }]);
  });

  it('e-mail addresses are one of each type (W016), and the read-only ones stay', async () => {
    const before = { emailAddresses: [{ type: 'Supervisor', value: 's@sandbox.invalid' }] };
    const sent = ['a', 'b'].map((name) => ({ type: 'Business', value: `${name}@sandbox.invalid` }));
    const result = await after(before, { emailAddresses: sent }, { undocumentedLists: 'replace' });
    expect(result.codes).toEqual(['W016']);
    expect(result.sections).toMatchObject(before);
  });

  it('there is one manager and one primary arranger', async () => {
    const before = { roles: [{ type: 'Manager', loginId: 'boss' }] };
    const both = ['boss', 'deputy'].map((loginId) => ({ type: 'Manager', loginId }));
    expect((await after(before, { roles: both })).codes).toEqual(['W016']);
    const result = await after(before, { roles: [{ type: 'Manager', loginId: 'deputy' }] });
    expect(result.sections['roles']).toEqual([{ type: 'Manager', loginId: 'deputy' }]);
  });
});

describe('emergency phones', () => {
  it('are refused without a digit (W023); the last of a type wins; an empty one is removed', async () => {
    const phones = [{ type: 'Alternate', value: '9' }];
    const sent = [
      { type: 'DayTime', value: 'ask Bob' },
      { type: 'Alternate', value: '1' },
      { type: 'Alternate', value: '2' },
    ];
    const result = await after({ emergencyContact: { phones } }, { emergencyContact: { phones: sent } });
    expect(result.codes).toEqual(['W023']);
    expect(result.sections['emergencyContact']).toEqual({ phones: [{ type: 'Alternate', value: '2' }] });
    const empty = '<EmergencyContact><Phones><Phone Type="Alternate"/></Phones></EmergencyContact>';
    expect(codes(await result.bench.update('traveller', empty))).toEqual(['S001']);
    expect(result.bench.stored('traveller').sections).not.toHaveProperty('emergencyContact');
  });
});

describe('lists without a documented rule', () => {
  const before = {
    air: { airMemberships: [membership('AA', '1', { status: 'Gold' }), membership('BB', '2')] },
  };
  const sections = { air: { airMemberships: [membership('AA', '1')] } };

  it('keep what is missing, and take a sent element as a whole', async () => {
    const result = await after(before, sections);
    expect(result.sections['air']).toEqual({
      airMemberships: [membership('AA', '1'), membership('BB', '2')],
    });
    expect(result.bench.admin.clears).toMatchObject([{ field: 'Air/AirMemberships/Status' }]);
  });

  it('can be set to replace, or to merge the fields of an element', async () => {
    const replaced = await after(before, sections, { undocumentedLists: 'replace' });
    expect(replaced.sections['air']).toEqual({ airMemberships: [membership('AA', '1')] });
    const merged = await after(before, sections, { listElements: 'merged' });
    expect(merged.sections).toEqual(expect.objectContaining(before));
  });

  it('ignore an empty container, or are emptied by it where it is set so', async () => {
    expect((await after(before, { air: { airMemberships: [] } })).sections).toMatchObject(before);
    const emptied = await after(before, { air: { airMemberships: [] } }, { emptyContainer: 'clears' });
    expect(emptied.sections).not.toHaveProperty('air');
    expect(emptied.bench.admin.clears).toHaveLength(2);
  });

  it('lose a custom field that is sent empty', async () => {
    const bench = new Bench();
    bench.seed('traveller', { customFields: [{ name: 'Colour', value: 'blue' }] });
    await bench.update('traveller', '<CustomFields><CustomField Name="Colour"/></CustomFields>');
    expect(bench.stored('traveller').sections).not.toHaveProperty('customFields');
    expect(bench.admin.clears).toMatchObject([{ field: 'CustomFields/CustomField', how: 'empty' }]);
  });

  it('take a second passport in place of the one not named when there would be three', async () => {
    const passports = (numbers: readonly string[]) => numbers.map((passportNumber) => ({ passportNumber }));
    const result = await after({ passports: passports(['A', 'B']) }, { passports: passports(['C']) });
    expect(result.sections['passports']).toEqual(passports(['B', 'C']));
  });
});
