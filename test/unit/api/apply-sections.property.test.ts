import * as fc from 'fast-check';
import { applySections } from '../../../api/writes/apply-sections';
import { type Children, PROFILE_ELEMENTS } from '../../../profile';
import { profileSections, sectionChanges } from '../../support/concur/arbitraries';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396, section 2, to the letter. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

/** What is read-only has rules of its own, which travellers.test.ts looks at. */
function writable(children: Children, value: Json): Json {
  const kept: (readonly [string, unknown])[] = Object.entries(children).flatMap(([name, node]) => {
    const child = value[name];
    if (child === undefined || (node.node !== 'group' && node.readOnly === true)) return [];
    if (node.node === 'group') return [[name, isObject(child) ? writable(node.children, child) : child]];
    if (node.node === 'leaf' || !Array.isArray(child)) return [[name, child]];
    const readOnlyTypes = node.children['type']?.readOnlyValues ?? [];
    const items = child
      .filter(isObject)
      .filter(({ type }) => !readOnlyTypes.includes(String(type)))
      .map((item) => writable(node.children, item));
    return [[name, items]];
  });
  const result: Json = Object.fromEntries(kept);
  return result;
}

/** Absent and empty are the same to the hub. */
function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return Array.isArray(value) && value.length === 0 ? undefined : value;
  const fields = Object.entries(value)
    .map(([name, child]) => [name, withoutEmpty(child)] as const)
    .filter(([, child]) => child !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

describe('writing sections', () => {
  it('is RFC 7396 for everything that can be written', () => {
    fc.assert(
      fc.property(profileSections, sectionChanges, (stored, changes) => {
        const before = writable(PROFILE_ELEMENTS, stored);
        const patch = writable(PROFILE_ELEMENTS, changes);
        const expected = withoutEmpty(mergePatch(before, patch));
        expect(withoutEmpty(applySections(before, patch))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('leaves everything alone when nothing is written', () => {
    fc.assert(
      fc.property(profileSections, (stored) => {
        expect(applySections(stored, {})).toEqual(stored);
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(profileSections, sectionChanges, (stored, changes) => {
        const once = applySections(stored, changes);
        expect(applySections(once, changes)).toEqual(once);
      }),
    );
  });
});
