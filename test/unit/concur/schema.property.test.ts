import * as fc from 'fast-check';
import { type ProfileWrite } from '../../../concur';
import {
  childrenOf,
  encodeCardsWrite,
  encodeProfileWrite,
  parseDocument,
  type XmlElement,
} from '../../../concur/xml';
import { checkCard, type CreditCardContent } from '../../../profile';
import { checkLogin } from '../../../sync/model/checks';
import { assertCreatable, planCreate } from '../../../sync/engine/create';
import { planWrite } from '../../../sync/model/plan';
import { slotsOf } from '../../../sync/model/slots';
import { thrownBy } from '../../support/thrown-by';
import { creditCards, profileStatus } from '../../support/concur/arbitraries';
import { hubLogin, hubSections } from '../../support/concur/hub-sections';
import { aCard } from '../../support/concur/cards';
import { invalidDocuments } from '../../support/concur/schema';
import { rulesOfSchema } from '../../support/concur/schema-rules';

const UPDATES = 800;
const CREATES = 300;
const SEED = 20_261;

const image = fc.record({ status: profileStatus, sections: hubSections });

/** All places that the documents say something in, as the schema names them. */
function placesIn(documents: readonly string[]): Set<string> {
  const places = new Set<string>();
  const walk = (of: XmlElement, path: string): void => {
    places.add(path);
    for (const { name } of of.attributes) places.add(`${path}/@${name}`);
    if (of.content.some((part) => typeof part === 'string')) places.add(`${path}/#`);
    for (const child of childrenOf(of)) walk(child, path === '' ? child.name : `${path}/${child.name}`);
  };
  for (const document of documents) walk(parseDocument(document), '');
  return places;
}

describe('What the pre-flight checks let through', () => {
  it('is a valid update, whatever the hub and Concur hold, clearing included', async () => {
    const loginId = hubLogin.filter((login) => checkLogin(login) === undefined);
    const samples = fc.sample(fc.tuple(image, image, loginId), { seed: SEED, numRuns: UPDATES });
    const documents = samples.map(([hub, concur, login]) => {
      const slots = new Set([...slotsOf(hub).keys(), ...slotsOf(concur).keys()]);
      const { status, sections } = planWrite(hub, concur, [...slots]);
      return encodeProfileWrite({ action: 'Update', loginId: login, status, sections });
    });
    expect(await invalidDocuments('travel-profile-v2', documents)).toEqual([]);
    expect(documents.filter((document) => document.includes('xsi:nil="true"')).length).toBeGreaterThan(100);
    const places = placesIn(documents);
    const missing = rulesOfSchema('travel-profile-v2').filter(({ path }) => !places.has(path));
    expect(missing.map(({ path }) => path)).toEqual(['Password']);
  });

  it('is a valid create, or the traveller is refused before anything is sent', async () => {
    const samples = fc.sample(fc.tuple(image, hubLogin), { seed: SEED, numRuns: CREATES });
    const writes = samples.flatMap(([hub, login]): ProfileWrite[] => {
      const named = {
        ...hub.sections,
        general: { firstName: 'Test', lastName: 'Traveller', ...hub.sections.general },
      };
      if (thrownBy(() => assertCreatable(login, named)) !== undefined) return [];
      const { status, sections } = planCreate(
        { travelConfigId: '4711', scopes: [] },
        { ...hub, sections: named },
      );
      return [{ action: 'Create', loginId: login.trim(), status, sections, password: 'Not-A-Real-1' }];
    });
    expect(writes.length).toBeGreaterThan(CREATES / 4);
    const names = writes.map(({ sections: { general } }) => [general?.firstName, general?.lastName]);
    expect(names.flat().every((name) => typeof name === 'string')).toBe(true);
    expect(await invalidDocuments('travel-profile-v2', writes.map(encodeProfileWrite))).toEqual([]);
  });

  it('is a valid set of cards', async () => {
    const samples = fc.sample(creditCards, { seed: SEED, numRuns: 1_200 });
    const documents = samples.flatMap((cards) => {
      const writable = cards
        .map((card, n): CreditCardContent => ({
          ...card,
          ...aCard({}, n),
          ...card,
          vendor: 'HouseCard',
          accountNo: `A${n}`,
        }))
        .filter((card) => checkCard(card).length === 0);
      return writable.length === 0 ? [] : [encodeCardsWrite('one@example.test', writable)];
    });
    expect(documents.length).toBeGreaterThan(50);
    expect(await invalidDocuments('form-of-payment-v2', documents)).toEqual([]);
  });
});
