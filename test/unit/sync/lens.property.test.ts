import * as fc from 'fast-check';
import { type HubDatabase } from '../../../hub';
import { type Image } from '../../../hub/types';
import { SECTION_NAMES, type SectionName } from '../../../profile';
import { NORMALISATIONS } from '../../../sync/model/equality';
import { isReadOnlySlot } from '../../../sync/model/read-only';
import { isEmptyPlan } from '../../../sync/model/plan';
import { PLACES, slotsOf } from '../../../sync/model/slots';
import { pgliteDatabase } from '../../support/hub/stores';
import { asSections, holdableSection } from '../../support/lens/holdable';
import { brokenSlots, type Manners, type Pleas } from '../../support/lens/judge';
import { type Lens, lensOn, type Put } from '../../support/lens/lens';

jest.setTimeout(300_000);

const RUNS = { numRuns: 25, seed: 20_260_801, endOnFailure: true };
/** What Concur may do with lists of which no document speaks, and how it may show phones. */
const MANNERS: readonly (Manners & Parameters<typeof lensOn>[1])[] = [
  { undocumentedLists: 'merge', emptyContainer: 'ignored', phoneCountryOnRead: 'zeros' },
  { undocumentedLists: 'replace', emptyContainer: 'clears', primaryMobileOnRead: false },
];
/** Everything that may be pleaded, and where it stands: the normalisation table, plan.ts, settle.ts. */
const LIMITS = [...NORMALISATIONS.map(({ name }) => name), 'read-only', 'not-removable', 'W007', 'W016'];

let db: HubDatabase;
const pleas: Pleas = new Map();
/** Places whose content arrived in Concur, and sections of which something was removed there. */
const arrived = new Set<string>();
const removed = new Set<SectionName>();

beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

function note({ plan, after }: Put): void {
  const shown = slotsOf(after);
  for (const slot of shown.values()) {
    if (slot.place !== undefined && (isReadOnlySlot(slot) || plan.sent.includes(slot.id)))
      arrived.add(slot.place.path.join('.'));
  }
  for (const id of plan.clears.filter((each) => !shown.has(each))) {
    const section = SECTION_NAMES.find((name) => id.split(/[.[]/)[0] === name);
    if (section !== undefined) removed.add(section);
  }
}

/** The content of a subject with one section as generated. */
function withSection({ sections }: Image, section: SectionName, value: unknown): Image {
  return { status: 'active', sections: asSections({ ...sections, [section]: value }) };
}

describe.each(MANNERS)(
  'With lists that $undocumentedLists and containers that it $emptyContainer',
  (manners) => {
    let lens: Lens;
    beforeAll(async () => {
      lens = await lensOn(db, manners);
    });

    const broken = (wanted: Image, put: Put): string[] => brokenSlots(wanted, put, manners, pleas);

    /** The three laws of one history of contents. */
    async function keepsTheLaws(contents: readonly ((first: Image) => Image)[]): Promise<void> {
      const [one, other] = [await lens.subject(), await lens.subject()];
      const first = await one.get();
      let last: Put | undefined;
      for (const content of contents) {
        last = await one.put(content(first));
        note(last);
        expect({ law: 'put-get', broken: broken(last.hub, last) }).toEqual({
          law: 'put-get',
          broken: [],
        });
      }
      const lastOnly = contents.at(-1)?.(await other.get());
      if (last === undefined || lastOnly === undefined) throw new Error('there is a content');

      const fromNew = await other.put(lastOnly);
      expect({ law: 'put-put', broken: broken(fromNew.after, last) }).toEqual({
        law: 'put-put',
        broken: [],
      });

      const before = lens.writes();
      expect(isEmptyPlan((await one.put(last.hub)).plan)).toBe(true);
      const shown = await one.get();
      expect(isEmptyPlan((await one.put(shown)).plan)).toBe(true);
      expect(lens.writes()).toBe(before);
      expect(await one.putBack(shown)).toEqual([]);
      expect(bySlot(await one.get())).toEqual(bySlot(shown));
    }

    it.each(SECTION_NAMES)(
      '%s is read back as put, is not written twice, and the last put wins',
      async (section) => {
        const contents = fc.array(holdableSection(section), { minLength: 1, maxLength: 3 });
        await fc.assert(
          fc.asyncProperty(contents, (values) =>
            keepsTheLaws(values.map((value) => (first: Image) => withSection(first, section, value))),
          ),
          RUNS,
        );
      },
    );
  },
);

/** Whatever the order of a list. */
const bySlot = (image: Image) =>
  Object.fromEntries([...slotsOf(image)].map(([id, { value }]) => [id, value]));

test('every place of the table arrived with content, every section that can lose something lost it', () => {
  expect(PLACES.map((place) => place.path.join('.')).filter((path) => !arrived.has(path))).toEqual([]);
  const unable = new Set<SectionName>(['discountCodes']);
  expect(SECTION_NAMES.filter((name) => !unable.has(name) && !removed.has(name))).toEqual([]);
});

test('nothing was excepted but by a limit of the tables', () => {
  expect([...pleas.keys()].filter((name) => !LIMITS.includes(name))).toEqual([]);
  for (const name of ['read-only', 'not-removable', 'W007']) expect(pleas.get(name)).toBeGreaterThan(0);
});
