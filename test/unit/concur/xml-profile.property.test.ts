import * as fc from 'fast-check';
import {
  concurProfile,
  fullProfileSections,
  profileWrite,
  xmlCharacter,
} from '../../support/concur/arbitraries';
import {
  childrenOf,
  ConcurUnreadable,
  decodeProfile,
  decodeProfileWrite,
  encodeProfileRead,
  encodeProfileWrite,
  parseDocument,
  type XmlElement,
} from '../../../concur/xml';
import { type Children, type Node, PROFILE_ELEMENTS } from '../../../profile';

const RUNS = { numRuns: 60 };

const byPathAndName = (a: { path: string; name: string }, b: { path: string; name: string }): number =>
  `${a.path}/${a.name}`.localeCompare(`${b.path}/${b.name}`);

describe('The profile codec', () => {
  it('reads back every profile that it shows', () => {
    fc.assert(
      fc.property(concurProfile, (profile) => {
        const { unknown, ...known } = decodeProfile(encodeProfileRead(profile));
        const { unknown: expected, ...rest } = profile;
        expect(known).toEqual(rest);
        expect([...unknown].sort(byPathAndName)).toEqual([...expected].sort(byPathAndName));
      }),
      RUNS,
    );
  });

  it('knows every element of the table in both directions', () => {
    fc.assert(
      fc.property(fullProfileSections, (sections) => {
        const profile = decodeProfile(
          encodeProfileRead({ loginId: 'one@example.test', sections, unknown: [] }),
        );
        expect(profile.sections).toEqual(sections);
        expect(profile.unknown).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('takes nothing from a text that XML can carry but the blanks around it', () => {
    const text = fc.string({ unit: xmlCharacter, minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, text, (jobTitle, name, value) => {
        const sections = {
          general: { jobTitle },
          customFields: [{ name: `n${name}n`, value: `v${value}v` }],
        };
        const write = { action: 'Update', loginId: 'one@example.test', status: 'active', sections } as const;
        const trimmed = jobTitle.trim();
        const expected = {
          ...(trimmed === '' ? {} : { general: { jobTitle: trimmed } }),
          customFields: sections.customFields,
        };
        expect(decodeProfileWrite(encodeProfileWrite(write)).changes).toEqual(expected);
        const shown = encodeProfileRead({ loginId: 'one@example.test', sections, unknown: [] });
        expect(decodeProfile(shown).sections).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('writes what was asked for, and nothing that is read-only', () => {
    fc.assert(
      fc.property(profileWrite, (write) => {
        const decoded = decodeProfileWrite(encodeProfileWrite(write));
        expect(decoded.unknown).toEqual([]);
        expect(decoded.loginId).toBe(write.loginId);
        expect(decoded.action).toBe(write.action);
        expect(decoded.status).toBe(write.status);
        expect(decoded.changes).toEqual(writable(PROFILE_ELEMENTS, write.sections));
      }),
      RUNS,
    );
  });

  it("keeps the schema's order in every write", () => {
    fc.assert(
      fc.property(profileWrite, (write) => {
        const root = parseDocument(encodeProfileWrite(write));
        expectOrder(root, { ...PROFILE_ELEMENTS });
      }),
      RUNS,
    );
  });

  it('never shows half of a document that is cut off', () => {
    fc.assert(
      fc.property(concurProfile, fc.double({ min: 0, max: 0.999, noNaN: true }), (profile, share) => {
        const xml = encodeProfileRead(profile);
        const cut = xml.slice(0, Math.floor(xml.length * share));
        expect(() => decodeProfile(cut)).toThrow(ConcurUnreadable);
      }),
      RUNS,
    );
  });

  it('answers any text with a profile or with one kind of error', () => {
    const soup = fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '</',
          '/>',
          '&',
          ';',
          '<!--',
          '-->',
          '<![CDATA[',
          ']]>',
          'ProfileResponse',
          'General',
          ' LoginId="x"',
          '<?',
          '?>',
          'a',
          '__proto__',
          '#text',
          '"',
        ),
        { maxLength: 25 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (text) => {
        try {
          expect(decodeProfile(text).loginId).toBeDefined();
        } catch (error) {
          expect(error).toMatchObject({ code: 'ConcurUnreadable' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** An independent account of what a write leaves out. */
function writable(children: Children, values: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const given: Record<string, unknown> = { ...values };
  for (const [key, node] of Object.entries(children)) {
    const value = given[key];
    if (value === undefined || ('readOnly' in node && node.readOnly === true)) continue;
    const left = writableNode(node, value);
    if (left !== undefined) kept[key] = left;
  }
  return kept;
}

function writableNode(node: Node, value: unknown): unknown {
  if (node.node === 'leaf') return value;
  if (node.node === 'group') {
    const group = writable(node.children, value ?? {});
    return Object.keys(group).length === 0 ? undefined : group;
  }
  return Array.isArray(value) ? value.map((item: object) => writable(node.children, item)) : undefined;
}

function expectOrder(parent: XmlElement, children: Children): void {
  const order = Object.values(children)
    .filter((node) => node.node !== 'leaf' || (node.at ?? 'element') === 'element')
    .map((node) => node.xml);
  const positions = childrenOf(parent).map((child) => order.indexOf(child.name));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  for (const child of childrenOf(parent)) {
    const node = Object.values(children).find((candidate) => candidate.xml === child.name);
    if (node?.node === 'group') expectOrder(child, node.children);
    if (node?.node === 'list') {
      for (const item of childrenOf(child)) {
        expect(item.name).toBe(node.item);
        expectOrder(item, node.children);
      }
    }
  }
}
