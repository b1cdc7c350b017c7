import * as fc from 'fast-check';
import { encodeProfileWrite } from '../../../concur/xml';
import { planWrite } from '../../../sync/model/plan';
import { slotsOf } from '../../../sync/model/slots';
import { profileStatus } from '../../support/concur/arbitraries';
import { Seeded } from '../../support/concur/fuzz/seeded';
import { hubSections } from '../../support/concur/hub-sections';
import { schemaFaults } from '../../support/concur/schema';
import { checkSchema } from '../../../sandbox/concur/schema-check';
import { readOnlyElements } from '../../../sandbox/concur/write-document';
import { parseXml, XmlViolation } from '../../../sandbox/concur/xml-tree';

/**
 * The simulated service and the schema judge the same documents. The schema says what may be sent without a
 * complaint; the service takes what is too long, out of range or too many with a warning, so that only these
 * faults may be its own.
 */
const SEED = 20_262;
const DOCUMENTS = 300;

const ONLY_WARNED = [
  /\[facet '(maxLength|minInclusive|maxInclusive|minLength)'\]/,
  /\[facet 'pattern'\]/,
  // A language off the list is stored empty.
  /'PreferredLanguage': \[facet 'enumeration'\]/,
  /Duplicate key-sequence/,
  // More than so many (W016).
  /Element '(Passport|Phone|NationalID|DriversLicense)': This element is not expected\.$/,
];

/** True where a fault refuses the whole document, and is none that only brings a warning. */
function refusedBySchema(faults: readonly string[]): boolean {
  return faults.some((fault) => !ONLY_WARNED.some((pattern) => pattern.test(fault)));
}

function refusedBySandbox(document: string): boolean {
  try {
    const root = parseXml(document);
    checkSchema(root);
    return readOnlyElements(root).length > 0;
  } catch (error) {
    if (!(error instanceof XmlViolation)) throw error;
    return true;
  }
}

const ELEMENT = /<([A-Z]\w*)((?:\s[^<>]*?)?)(?:\/>|>([^<]*)<\/\1>)/g;
const KNOWN = [
  'General',
  'UUID',
  'CompanyID',
  'Shoes',
  'FirstName',
  'general',
  'Visa',
  'DiscountCodes',
  'SponsorName',
] as const;
const WORDS = [
  'SPAM',
  '',
  'true',
  '0',
  '12',
  '+5',
  '2026-02-30',
  '2026-02-28',
  '1800-01-01',
  'DontCare',
  'King',
  'Business',
  'Home',
  'x',
  'ESTA',
  'Corporate',
] as const;

type Change = (document: string, random: Seeded) => string;

/** One leaf of the document, or the whole where there is none. */
function changeLeaf(
  document: string,
  random: Seeded,
  change: (whole: string, name: string, attributes: string, text: string) => string,
): string {
  const leaves = [...document.matchAll(ELEMENT)];
  const leaf = leaves[random.int(leaves.length)];
  if (leaf === undefined) return document;
  const [whole, name = '', attributes = '', text = ''] = leaf;
  return (
    document.slice(0, leaf.index) +
    change(whole, name, attributes, text) +
    document.slice(leaf.index + whole.length)
  );
}

const CHANGES: readonly [Change, ...Change[]] = [
  (document, random) =>
    changeLeaf(
      document,
      random,
      (_w, name, attributes) => `<${name}${attributes}>${random.one(WORDS)}</${name}>`,
    ),
  (document, random) =>
    changeLeaf(
      document,
      random,
      (_w, name, attributes, text) => `<${name}${attributes}>${text}${'y'.repeat(300)}</${name}>`,
    ),
  (document, random) => changeLeaf(document, random, () => ''),
  (document, random) => changeLeaf(document, random, (whole) => whole + whole),
  (document, random) => changeLeaf(document, random, (whole) => `<${random.one(KNOWN)}/>${whole}`),
  (document, random) => {
    const name = random.one(KNOWN);
    return changeLeaf(document, random, (whole) => `${whole}<${name}>x</${name}>`);
  },
  (document, random) => changeLeaf(document, random, (_w, name) => `<${name} xsi:nil="true"/>`),
  (document, random) =>
    changeLeaf(
      document,
      random,
      (_w, name) => `<${name} xsi:nil="${random.one(['true', 'false', '1', 'yes'])}">x</${name}>`,
    ),
  (document, random) =>
    changeLeaf(
      document,
      random,
      (_w, name, attributes, text) => `<${name}${attributes} Colour="x">${text}</${name}>`,
    ),
  (document, random) =>
    document.replace(
      / (Type|Contact|Name|PrimaryMobile)="[^"]*"/,
      random.one(['', ' Type="SPAM"', ' Contact="yes"']),
    ),
  (document, random) =>
    document.replace(/<([A-Z]\w*)>(<.*?>)<\/\1>/, (_all, name: string, inner: string) =>
      random.one([
        inner,
        `<${name} xsi:nil="true"/>`,
        `<${name}>text${inner}</${name}>`,
        `<${name.toLowerCase()}>${inner}</${name.toLowerCase()}>`,
      ]),
    ),
  (document, random) => {
    const sections = [
      ...document.matchAll(/<(General|Telephones|Air|Car|Hotel|Rail|Visas|Roles|TSAInfo)>.*?<\/\1>/g),
    ].map(([section]) => section);
    const one = sections[random.int(sections.length)];
    return one === undefined
      ? document
      : document.replace(one, '').replace('</ProfileResponse>', `${one}</ProfileResponse>`);
  },
  (document, random) =>
    document.replace(
      / (Action|Status)="\w+"/,
      random.one(['', ' Action="Upsert"', ' Status="Gone"', ' Unique="1"']),
    ),
];

describe('The simulated service and the schema', () => {
  it('take and refuse the same documents, faulty ones included', async () => {
    const image = fc.record({ status: profileStatus, sections: hubSections });
    const valid = fc
      .sample(fc.tuple(image, image), { seed: SEED, numRuns: DOCUMENTS })
      .map(([hub, concur]) => {
        const slots = new Set([...slotsOf(hub).keys(), ...slotsOf(concur).keys()]);
        const { status, sections } = planWrite(hub, concur, [...slots]);
        return encodeProfileWrite({ action: 'Update', loginId: 'traveller', status, sections });
      });
    const random = new Seeded(SEED);
    const faulty = [...valid, ...valid].map((document) => random.one(CHANGES)(document, random));
    const documents = [...valid, ...faulty];
    const faults = await schemaFaults('travel-profile-v2', documents);
    const verdicts = documents.map((document, index) => ({
      document: document.slice(0, 300),
      faults: faults[index] ?? [],
      schema: refusedBySchema(faults[index] ?? []),
      sandbox: refusedBySandbox(document),
    }));
    expect(verdicts.filter(({ schema, sandbox }) => schema !== sandbox)).toEqual([]);
    const refused = verdicts.filter(({ schema }) => schema).length;
    expect(refused).toBeGreaterThan(DOCUMENTS / 2);
    expect(documents.length - refused).toBeGreaterThan(DOCUMENTS);
  });
});
