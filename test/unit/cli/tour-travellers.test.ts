import { type ProfileSections } from '../../../profile';
import { tourTravellers } from '../../../cli/tour/travellers';
import { checkCreate, checkField, checkList, checkWhole } from '../../../sync/model/checks';
import { planWrite } from '../../../sync/model/plan';
import { isItem, PLACES, slotsOf, valueAt } from '../../../sync/model/slots';
import { isProfileSections } from '../../../hub/sections';

const travellers = tourTravellers(200);

const sectionsOf = ({
  id: _id,
  username: _username,
  status: _status,
  ...sections
}: (typeof travellers)[number]): ProfileSections => sections;

it('makes 200 different travellers, the same every time', () => {
  expect(tourTravellers(200)).toEqual(travellers);
  expect(new Set(travellers.map(({ id }) => id)).size).toBe(200);
  expect(new Set(travellers.map(({ username }) => username)).size).toBe(200);
  expect(travellers.every(({ id }) => /^[A-Za-z0-9_-]{1,64}$/.test(id))).toBe(true);
});

it.each(travellers)('$id is valid under the rules of Concur', (traveller) => {
  const sections = sectionsOf(traveller);
  expect(isProfileSections(sections)).toBe(true);
  expect(checkCreate(traveller.username, traveller.general)).toBeUndefined();
  for (const place of PLACES) {
    const value = valueAt(sections, place.path);
    if (value === undefined) continue;
    const finding =
      place.kind === 'list'
        ? checkList(place, (value as unknown[]).filter(isItem))
        : place.kind === 'whole'
          ? checkWhole(place, isItem(value) ? value : {})
          : checkField(place, value);
    expect(finding).toBeUndefined();
  }
  const image = { status: 'active', sections } as const;
  const plan = planWrite(image, undefined, [...slotsOf(image).keys()]);
  expect(plan.withheld).toEqual([]);
  expect(plan.sent.length).toBe(slotsOf(image).size);
  expect((sections.telephones ?? []).filter(({ primaryMobile }) => primaryMobile === true)).toHaveLength(1);
});

it('leaves alone the two fields that the tour edits, and everything about other people', () => {
  expect(
    travellers.some(({ air, hotel }) => air?.mealCode !== undefined || hotel?.roomType !== undefined),
  ).toBe(false);
  expect(travellers.some(({ roles, sponsors }) => roles !== undefined || sponsors !== undefined)).toBe(false);
});

it('has what makes profiles hard: scripts, apostrophes, ampersands, several cell phones and passports', () => {
  const text = JSON.stringify(travellers);
  for (const script of ['Han', 'Hiragana', 'Katakana', 'Greek', 'Arabic', 'Cyrillic']) {
    expect(text).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
  }
  expect(travellers.some(({ general }) => general?.lastName?.includes("'") === true)).toBe(true);
  expect(travellers.some(({ general }) => general?.division?.includes('&') === true)).toBe(true);
  expect(
    travellers.some(({ telephones = [] }) => telephones.filter(({ type }) => type === 'Cell').length > 1),
  ).toBe(true);
  expect(travellers.some(({ passports }) => passports?.length === 2)).toBe(true);
  for (const section of [
    'emergencyContact',
    'tsaInfo',
    'visas',
    'nationalIds',
    'driversLicenses',
    'customFields',
    'rail',
  ] as const) {
    expect(travellers.some((traveller) => traveller[section] !== undefined)).toBe(true);
  }
});

it('holds nothing that could be taken for real: addresses of example.test, document numbers that say TEST', () => {
  const mails = travellers.flatMap(({ emailAddresses = [] }) => emailAddresses.map(({ value }) => value));
  expect(mails.every((mail) => mail?.endsWith('.example.test'))).toBe(true);
  const numbers = travellers.flatMap(({ passports = [], visas = [] }) => [
    ...passports.map(({ passportNumber }) => passportNumber),
    ...visas.map(({ visaNumber }) => visaNumber),
  ]);
  expect(numbers.every((number) => number?.startsWith('TEST'))).toBe(true);
});
