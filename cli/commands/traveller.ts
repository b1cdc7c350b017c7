import { type Command } from 'commander';
import { type AnyChildren, type AnyNode, SECTION_NAMES, TRAVELLER_ELEMENTS } from '../../profile';
import { type QuarantineView, type TravellerView } from '../api-types';
import { addCommand, addGroup, type App } from '../command';
import { type Output } from '../output';
import { instant } from '../text';

export function addTravellerCommands(app: App, program: Command): void {
  const group = addGroup(program, 'traveller', 'One traveller of a client company', [
    'traveller show acme t-0001',
  ]);
  addCommand(app, group, {
    usage: 'show <id> <traveller>',
    summary: 'Show a traveller and how it stands with Concur',
    examples: ['traveller show acme t-0001', 'traveller show acme t-0001 --json'],
    more: 'Document numbers are masked unless the API key has the scope `sensitive`.',
    run: async (session, args) => {
      const id = args.get('id');
      const traveller = await session.api.traveller(id, args.get('traveller'));
      const records =
        traveller.sync?.state === 'quarantined'
          ? await session.api.quarantine({ query: { entity: id } })
          : [];
      const own = records.filter(({ travellerId }) => travellerId === traveller.id);
      return { data: traveller, show: () => showTraveller(session.output, traveller, own) };
    },
  });
}

/** Shown by themselves, above the sections. */
const HEAD = new Set(['id', 'username', 'status', 'concurLoginId', 'concurUuid', 'sync']);

function showTraveller(
  output: Output,
  traveller: TravellerView,
  quarantined: readonly QuarantineView[],
): void {
  const { sync } = traveller;
  output.heading(`Traveller ${traveller.id}`);
  output.pairs(
    [
      ['Username', traveller.username],
      ['Status', traveller.status],
      ['Concur login', traveller.concurLoginId],
      ['Concur UUID', traveller.concurUuid],
      ['Sync', inWords(sync?.state)],
      ...quarantined.map(({ code, reason, id }) => ['Because', `${code}: ${reason} (record ${id})`] as const),
      ['Published', instantOf(sync?.['lastPublishedAt'])],
      ['Pulled', instantOf(sync?.['lastPulledAt'])],
    ],
    '  ',
  );
  showWarnings(output, sync?.['warnings']);
  const others = Object.keys(traveller).filter((name) => !HEAD.has(name) && !(name in TRAVELLER_ELEMENTS));
  for (const name of [...SECTION_NAMES, ...others]) {
    const value = traveller[name];
    if (isEmpty(value)) continue;
    output.line();
    output.heading(name);
    output.pairs(rowsOf(value, childrenOf(TABLE[name])), '  ');
  }
}

function inWords(state: string | undefined): string | undefined {
  return state === 'held' ? 'held: nothing is sent until it changes in the hub' : state;
}

function instantOf(value: unknown): string | undefined {
  return typeof value === 'string' ? instant(value) : undefined;
}

function showWarnings(output: Output, warnings: unknown): void {
  if (!Array.isArray(warnings) || warnings.length === 0) return;
  output.line();
  output.heading('Not taken over by Concur');
  output.pairs(
    warnings
      .filter(isObject)
      .map((each) => [textOf(each['field']), `${textOf(each['code'])} ${textOf(each['reason'])}`]),
    '  ',
  );
}

const TABLE: AnyChildren = TRAVELLER_ELEMENTS;

function childrenOf(node: AnyNode | undefined): AnyChildren {
  return node === undefined || node.node === 'leaf' ? {} : node.children;
}

/** The fields in the schema's order, then what it does not know. */
function inOrder(value: Readonly<Record<string, unknown>>, children: AnyChildren): [string, unknown][] {
  const names = [...new Set([...Object.keys(children), ...Object.keys(value)])];
  return names.map((name): [string, unknown] => [name, value[name]]).filter(([, child]) => !isEmpty(child));
}

/** A section as lines: `seat.interRowPositionCode  Aisle`, `passports 1  passportNumber ••••1234, …`. */
function rowsOf(value: unknown, children: AnyChildren, path = ''): [string, string][] {
  if (Array.isArray(value)) {
    return value.map((item, index) => [`${path} ${index + 1}`.trim(), itemText(item, children)]);
  }
  if (!isObject(value)) return [[path, textOf(value)]];
  return inOrder(value, children).flatMap(([name, child]) =>
    rowsOf(child, childrenOf(children[name]), path === '' ? name : `${path}.${name}`),
  );
}

function itemText(item: unknown, children: AnyChildren): string {
  if (!isObject(item)) return textOf(item);
  return inOrder(item, children)
    .filter(([name]) => name !== 'key')
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .join(', ');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
