import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { ConcurUnreadable } from '../../../concur/errors';
import { parseXml, type XmlElement } from '../../../concur/xml/parse';

/** Another reader of XML, as a witness. */
const witness = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
});

type Node = Readonly<Record<string, unknown>>;

/** What the witness makes of an element, in our words. */
function seen(nodes: unknown): unknown[] {
  const list: readonly Node[] = Array.isArray(nodes) ? nodes : [];
  return list.map((node) => {
    const name = Object.keys(node).find((key) => key !== ':@') ?? '';
    if (name === '#text') return node[name];
    return { name, attributes: node[':@'] ?? {}, content: seen(node[name]) };
  });
}

function ours(elements: readonly (string | XmlElement)[]): unknown[] {
  return elements.map((part) =>
    typeof part === 'string'
      ? part
      : {
          name: part.name,
          attributes: Object.fromEntries(part.attributes.map(({ name, value }) => [name, value])),
          content: ours(part.content),
        },
  );
}

const name = fc.stringMatching(/^[A-Z][A-Za-z]{0,8}$/);
const text = fc.stringMatching(/^[ A-Za-z0-9äß>-]{1,12}$/);
const { document } = fc.letrec<{ document: string }>((tie) => ({
  document: fc
    .tuple(
      name,
      fc.uniqueArray(fc.tuple(name, text), { maxLength: 3, selector: ([key]) => key }),
      fc.array(fc.oneof({ maxDepth: 3 }, text, tie('document')), { maxLength: 4 }),
      fc.boolean(),
    )
    .map(([tag, attributes, content, short]) => {
      const start = `<${tag}${attributes.map(([key, value]) => ` ${key}="${value}"`).join('')}`;
      return content.length === 0 && short ? `${start}/>` : `${start}>${content.join('')}</${tag}>`;
    }),
}));

describe('the reader of XML', () => {
  it('reads the same as another reader does', () => {
    fc.assert(
      fc.property(document, (xml) => {
        expect(ours(parseXml(xml))).toEqual(seen(witness.parse(xml)));
      }),
    );
  });

  it('refuses each beginning of a document, whatever it is cut off at', () => {
    fc.assert(
      fc.property(document, fc.nat(), (xml, at) => {
        const cut = xml.slice(0, at % xml.length);
        fc.pre(cut !== '');
        expect(() => parseXml(cut)).toThrow('Nothing of it was used');
      }),
    );
  });

  it('takes declarations, instructions, comments, CDATA, both quotes and line ends as XML has them', () => {
    const xml =
      '<?xml version="1.0"?>\r\n<!-- a > b --><?go on?><a x=\'1"\' y = "&lt;\t&#65;">t\r\n<![CDATA[<&>]]><b\n/></a >\n';
    expect(parseXml(xml)).toEqual([
      {
        name: 'a',
        attributes: [
          { name: 'x', value: '1"' },
          { name: 'y', value: '< A' },
        ],
        content: ['t\n', '<&>', { name: 'b', attributes: [], content: [] }],
      },
    ]);
  });

  it.each([
    ['ends another element than was begun', '<a><b></a></b>'],
    ['ends what never began', '</a>'],
    ['ends a name that only begins alike', '<ab></abc>'],
    ['has an attribute twice', '<a x="1" x="2"/>'],
    ['has an attribute without quotes', '<a x=1/>'],
    ['has attributes without a space between them', '<a x="1"y="2"/>'],
    ['has an attribute at an end', '<a></a x="1">'],
    ['has a bracket in an attribute', '<a x="<"/>'],
    ['has a name that begins with a digit', '<1a/>'],
    ['has text beside its root', '<a/>text'],
    ['has CDATA beside its root', '<a/><![CDATA[text]]>'],
    ['has a declaration within', '<a><?xml version="1.0"?></a>'],
    ['has an open comment', '<a><!-- </a>'],
    ['has a bare ampersand', '<a>a & b</a>'],
    ['has an entity of its own', '<a>&boom;</a>'],
    ['has a DTD', '<!DOCTYPE a><a/>'],
    ['is nested beyond reason', '<a>'.repeat(61) + '</a>'.repeat(61)],
  ])('refuses what %s', (_what, xml) => {
    expect(() => parseXml(xml)).toThrow(ConcurUnreadable);
  });

  it('says where it stumbled, without a word of the content', () => {
    expect(() => parseXml('<a>\n<b>secret</c></a>')).toThrow('at line 2, column 13.');
  });
});
