import { type ProfileSections } from '../../../profile';
import { planWrite } from '../../../sync/model/plan';
import { slotsOf } from '../../../sync/model/slots';

const plan = (sections: ProfileSections) => {
  const hub = { status: 'active', sections } as const;
  return planWrite(hub, undefined, [...slotsOf(hub).keys()]);
};

describe('The checks before a write', () => {
  it.each<[string, ProfileSections, string]>([
    ['a character that XML cannot carry', { general: { jobTitle: 'a\u0007b' } }, 'W001'],
    ['half a character', { customFields: [{ name: 'Colour', value: '\ud83d' }] }, 'W001'],
    ['a country that is none', { nationalIds: [{ issuingCountry: 'c1' }] }, 'W001'],
    ['an airport of two letters', { air: { homeAirport: 'ZR' } }, 'W001'],
    [
      'a control character of the second block in a number',
      { telephones: [{ type: 'Home', countryCode: 'CH', phoneNumber: '44\u0085555' }] },
      'W024',
    ],
    [
      'a required child of blanks',
      { driversLicenses: [{ driversLicenseNumber: '  ', issuingCountry: 'CH' }] },
      'W007',
    ],
  ])('withhold %s, and the rest is sent', (_what, sections, code) => {
    const { withheld, sections: sent } = plan({ ...sections, hotel: { roomType: 'King' } });
    expect(withheld.map(({ finding }) => finding.code)).toEqual([code]);
    expect(sent).toEqual({ hotel: { roomType: 'King' } });
  });

  it('take blanks for nothing', () => {
    expect(plan({ general: { jobTitle: ' \n' } }).sent).toEqual(['status']);
  });

  it('let a national id pass that never ends', () => {
    expect(plan({ nationalIds: [{ nationalIdNumber: 'X', expiration: '9999-12-31' }] }).withheld).toEqual([]);
  });
});
