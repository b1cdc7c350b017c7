import fc from 'fast-check';
import { maskedFields, maskSections, unmaskSections } from '../../../hub';
import { type ProfileSections } from '../../../profile';
import { aProfile, SENSITIVE } from '../../support/builders';

const number = fc.string({ unit: fc.constantFrom(...'ABC0123456789é'), minLength: 1, maxLength: 14 });
const maybeKey = (index: number) => fc.constantFrom(undefined, `key${index}`);

const sections = fc
  .tuple(
    fc.array(number, { maxLength: 4 }),
    fc.array(number, { maxLength: 2 }),
    fc.option(fc.constant('1971-12-31')),
  )
  .chain(([visas, passports, dateOfBirth]) =>
    fc
      .tuple(...visas.map((_, n) => maybeKey(n)), ...passports.map((_, n) => maybeKey(n)))
      .map((keys): ProfileSections => ({
        visas: visas.map((visaNumber, n) => ({ ...keyed(keys[n]), visaNumber, visaNationality: 'US' })),
        passports: passports.map((passportNumber, n) => ({
          ...keyed(keys[visas.length + n]),
          passportNumber,
        })),
        ...(dateOfBirth === null ? {} : { tsaInfo: { dateOfBirth, gender: 'Female' } }),
      })),
  );

function keyed(key: string | undefined): { key?: string } {
  return key === undefined ? {} : { key };
}

describe('masking', () => {
  test('shows the last four characters of long numbers and nothing of short ones or dates', () => {
    const masked = maskSections({
      passports: [{ passportNumber: SENSITIVE.passportNumber }, { passportNumber: 'A123456' }],
      tsaInfo: { dateOfBirth: SENSITIVE.dateOfBirth, gender: 'Female' },
    });
    expect(masked).toEqual({
      passports: [{ passportNumber: '••••7731' }, { passportNumber: '••••' }],
      tsaInfo: { dateOfBirth: '••••', gender: 'Female' },
    });
  });

  test('shows no sensitive value of a whole profile', () => {
    const text = JSON.stringify(maskSections({ ...aProfile() }));
    for (const value of Object.values(SENSITIVE)) expect(text).not.toContain(value);
  });

  test('what is masked and sent back is what was stored', () => {
    fc.assert(
      fc.property(sections, (stored) => {
        expect(unmaskSections(maskSections(stored), stored)).toEqual(stored);
      }),
    );
  });

  test('what is sent in plain stays as it is sent', () => {
    fc.assert(
      fc.property(sections, sections, (incoming, stored) => {
        expect(unmaskSections(incoming, stored)).toEqual(incoming);
      }),
    );
  });

  test('finds an element by its key when others were put in front of it', () => {
    const stored = { visas: [{ key: 'a', visaNumber: 'FAKE0001', visaNationality: 'US' }] };
    const incoming = {
      visas: [
        { visaNumber: 'NEWONE99', visaNationality: 'IN' },
        { key: 'a', visaNumber: '••••0001', visaNationality: 'CN' },
      ],
    };
    expect(unmaskSections(incoming, stored).visas).toEqual([
      { visaNumber: 'NEWONE99', visaNationality: 'IN' },
      { key: 'a', visaNumber: 'FAKE0001', visaNationality: 'CN' },
    ]);
  });

  test('a mask that belongs to nothing stored is named, so that it can be refused', () => {
    const incoming = { passports: [{ passportNumber: '••••9999' }], tsaInfo: { dateOfBirth: '••••' } };
    const unmasked = unmaskSections(incoming, { passports: [{ passportNumber: 'FAKE0001' }] });
    expect(unmasked).toEqual(incoming);
    expect(maskedFields(unmasked)).toEqual(['passports.passportNumber', 'tsaInfo.dateOfBirth']);
    expect(maskedFields({ ...aProfile() })).toEqual([]);
  });
});
