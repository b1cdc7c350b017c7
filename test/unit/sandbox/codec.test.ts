import fc from 'fast-check';
import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { type Children, type Leaf, type Node, PROFILE_ELEMENTS, type SectionChanges } from '../../../profile';
import { isProfileSections } from '../../../sandbox/concur/tree';
import { Bench, codes } from './support';

/** Any value that the schema allows for a leaf. */
function leafValue(leaf: Leaf): fc.Arbitrary<unknown> {
  if (leaf.values !== undefined) return fc.constantFrom(...leaf.values);
  switch (leaf.kind) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: -9_999, max: 9_999 });
    case 'date':
      return fc
        .integer({ min: 0, max: 20_000 })
        .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
    case 'text':
      return fc
        .string({ minLength: 1, maxLength: Math.min(leaf.max ?? 20, 20) })
        .map((text) => text.replace(/[^ -~äß€]/g, 'x'))
        .filter((text) => text.trim() !== '');
  }
}

function nodeValue(node: Node): fc.Arbitrary<unknown> {
  if (node.node === 'leaf') return leafValue(node);
  if (node.node === 'group') return childrenValue(node.children);
  return fc.array(childrenValue(node.children), { minLength: 1, maxLength: 3 });
}

function childrenValue(children: Children): fc.Arbitrary<Record<string, unknown>> {
  const writable = Object.entries(children).filter(
    ([, node]) => !('readOnly' in node && node.readOnly === true),
  );
  const required = writable
    .filter(([, node]) => node.node === 'leaf' && (node.required === true || node.at === 'content'))
    .map(([field]) => field);
  const values = Object.fromEntries(writable.map(([field, node]) => [field, nodeValue(node)]));
  return fc.record(values, { requiredKeys: required });
}

function isChanges(value: unknown): value is SectionChanges {
  return isProfileSections(value);
}

describe('the product’s codec and the simulator’s own schema check', () => {
  it('agree: whatever the codec writes is accepted, and is never read-only', async () => {
    await fc.assert(
      fc.asyncProperty(childrenValue(PROFILE_ELEMENTS), async (sections) => {
        if (!isChanges(sections)) throw new Error('the generated sections do not fit the table');
        const bench = new Bench();
        bench.seed('traveller');
        const response = await bench.write({ loginId: 'traveller', sections });
        expect([response.status, response.status === 200 ? '' : response.body]).toEqual([200, '']);
        expect(codes(response).every((code) => /^[SW]/.test(code))).toBe(true);
        expectViolations(bench.admin, []);
        expect((await bench.read('traveller')).status).toBe(200);
      }),
      { numRuns: 100 },
    );
  });
});
