import { CARDS_XML, CREDIT_CARD, type Node, PROFILE_ELEMENTS } from '../profile';

/** Names of the schema: these may stand in a message, everything else that Concur names may be personal. */
const SCHEMA_NAMES: ReadonlySet<string> = new Set(
  [...Object.values(PROFILE_ELEMENTS).flatMap(namesIn), CARDS_XML, ...namesIn(CREDIT_CARD)].map((name) =>
    name.toLowerCase(),
  ),
);

function namesIn(node: Node): string[] {
  if (node.node === 'leaf') return [node.xml];
  const below = Object.values(node.children).flatMap((child: Node) => namesIn(child));
  return node.node === 'list' ? [node.xml, node.item, ...below] : [node.xml, ...below];
}

/** Concur's path of a field where all its parts are names of the schema, e.g. `General/RuleClass`. */
export function fieldOfSchema(field: string | undefined): string | undefined {
  if (field === undefined || field === '') return undefined;
  const isKnown = field
    .split(/[/.]/)
    .every((part) => SCHEMA_NAMES.has(part.replace(/\[\d+\]$/, '').toLowerCase()));
  return isKnown ? field : undefined;
}
