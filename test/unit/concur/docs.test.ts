import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCESS_CODES, OUTCOME_CODES, TEXT_CODES, TOKEN_CODES } from '../../../concur';
import {
  CARD_NUMBER_RULES,
  CARDS_ROOT_XML,
  CARDS_XML,
  CREDIT_CARD,
  type Leaf,
  type Node,
  PASSWORD_XML,
  PROFILE_ELEMENTS,
  SCOPES,
  SOUTHWEST_TICKETS_XML,
} from '../../../profile';

const page = readFileSync(join(__dirname, '../../../docs/concur.md'), 'utf8');
const tokens = new Set(page.split(/[^A-Za-z0-9_.-]+/).flatMap((word) => [word, word.replace(/\.$/, '')]));

const sections = page.split(/^## /m).slice(1);

function leavesOf(node: Node): Leaf[] {
  if (node.node === 'leaf') return [node];
  return Object.values(node.children).flatMap((child: Node) => leavesOf(child));
}

function namesOf(node: Node): string[] {
  if (node.node === 'leaf') return [node.xml, ...(node.aliases ?? [])];
  const own = node.node === 'list' ? [node.xml, node.item] : [node.xml];
  return [...own, ...Object.values(node.children).flatMap((child: Node) => namesOf(child))];
}

const missing = (wanted: readonly string[]): string[] =>
  [...new Set(wanted)].filter((word) => !tokens.has(word));

describe('docs/concur.md', () => {
  it('has the sections 1 to 8 that comments refer to', () => {
    expect(sections.map((section) => section.slice(0, 2))).toEqual([
      '1.',
      '2.',
      '3.',
      '4.',
      '5.',
      '6.',
      '7.',
      '8.',
    ]);
  });

  it('names every element of the table', () => {
    const names = Object.values(PROFILE_ELEMENTS).flatMap((node) => namesOf(node));
    expect(missing([...names, PASSWORD_XML, SOUTHWEST_TICKETS_XML])).toEqual([]);
  });

  it('names every element, word and vendor of the table of cards in §4', () => {
    const known = new Set((sections[3] ?? '').split(/[^A-Za-z]+/));
    const words = leavesOf(CREDIT_CARD).flatMap((leaf) => [
      ...(leaf.values ?? []),
      ...(leaf.readOnlyValues ?? []),
    ]);
    const wanted = [
      CARDS_ROOT_XML,
      CARDS_XML,
      ...namesOf(CREDIT_CARD),
      ...words,
      ...Object.keys(CARD_NUMBER_RULES),
    ];
    expect(wanted.filter((word) => !known.has(word))).toEqual([]);
  });

  it('names every word of every enumeration', () => {
    const leaves = Object.values(PROFILE_ELEMENTS).flatMap((node) => leavesOf(node));
    const words = leaves.flatMap((leaf) => [
      ...(leaf.values ?? []),
      ...(leaf.readOnlyValues ?? []),
      ...Object.keys(leaf.readAs ?? {}),
    ]);
    expect(missing(words)).toEqual([]);
  });

  it('tells the most characters of every element that has a limit', () => {
    const leaves = Object.values(PROFILE_ELEMENTS).flatMap((node) => leavesOf(node));
    const untold = leaves
      .filter((leaf) => leaf.max !== undefined && leaf.at !== 'content')
      .filter(({ xml, max }) => !new RegExp(`\`${xml}\`!? ${max}\\b`).test(page))
      .map(({ xml, max }) => `${xml} ${max}`);
    expect(untold).toEqual([]);
  });

  it('names every code and every scope', () => {
    const codes = [
      ...Object.keys(OUTCOME_CODES),
      ...Object.keys(ACCESS_CODES),
      ...TEXT_CODES.map(({ code }) => code),
      ...Object.keys(SCOPES),
    ];
    expect(missing(codes)).toEqual([]);
  });

  it('names every code of the token endpoint in §1', () => {
    const known = new Set((sections[0] ?? '').match(/\b\d+\b/g));
    expect(Object.keys(TOKEN_CODES).filter((code) => !known.has(code))).toEqual([]);
  });
});
