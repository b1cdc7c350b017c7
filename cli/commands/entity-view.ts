import { type Entity } from '../api-types';
import { type Cell, type Output, type Style } from '../output';
import { count, instant } from '../text';

function healthCell(style: Style, health: string | null | undefined): Cell {
  if (health === undefined || health === null) return undefined;
  const paint = health === 'ok' ? style.green : health === 'failing' ? style.red : style.yellow;
  return { text: health, paint };
}

export function showEntities(output: Output, entities: readonly Entity[]): void {
  if (entities.length === 0) {
    output.line('No entities yet. Add the first one with `concordance entity add`.');
    return;
  }
  output.table(
    [
      { title: 'ENTITY', max: 24 },
      { title: 'NAME', max: 24 },
      { title: 'STAGE' },
      { title: 'HEALTH' },
      { title: 'TRAVELLERS', align: 'right' },
      { title: 'PENDING', align: 'right' },
      { title: 'QUARANTINED', align: 'right' },
    ],
    entities.map(({ id, name, stage, health, counts }) => [
      id,
      name,
      stage,
      healthCell(output.style, health),
      counts?.travellers,
      counts?.pending,
      counts?.quarantined,
    ]),
  );
}

export function showEntity(output: Output, entity: Entity): void {
  const { counts, lastPoll } = entity;
  output.heading(`${entity.name} (${entity.id})`);
  output.pairs(
    [
      ['Stage', entity.stage],
      ['Health', healthCell(output.style, entity.health)],
      ...optional('Because', entity.healthReason),
      ['Waiting for', entity.waitingFor],
      ['Strategy', entity.strategy],
      ['Company UUID', entity.companyUuid],
      ['Travel config', entity.travelConfigId],
      ['Conflict rule', ruleText(entity.conflictRule)],
      ...optional('Preparation', entity.preparation),
      ...optional('Token window', windowText(entity)),
      ['Refresh token', until(entity.refreshTokenExpiresAt)],
      ['Concur', entity.geolocation],
      ...optional('Missing scopes', missingScopes(entity)),
      ['Last poll', lastPoll === undefined || lastPoll === null ? undefined : pollText(lastPoll)],
      ...optional('Switched off', switchedOff(entity)),
      ['Next poll', entity.nextPollAt === undefined ? undefined : instant(entity.nextPollAt)],
    ],
    '  ',
  );
  if (counts === undefined || counts === null) return;
  const numbers = (
    ['travellers', 'synced', 'pending', 'quarantined', 'held', 'inactive', 'conflicts'] as const
  ).map((name) => [name, count(counts[name])] as const);
  output.line();
  output.table(
    numbers.map(([name]) => ({ title: name.toUpperCase(), align: 'right' as const })),
    [numbers.map(([, text]) => text)],
  );
}

type Pair = readonly [label: string, value: Cell];

function optional(
  label: string,
  value: string | null | undefined,
  words: (value: string) => string = (text) => text,
): Pair[] {
  return value === undefined || value === null || value === '' ? [] : [[label, words(value)]];
}

function switchedOff({ interfaceOn, pollingOn }: Entity): string | undefined {
  if (interfaceOn === false) return 'the interface to Concur';
  return pollingOn === false ? 'polling' : undefined;
}

/** An API of before says the instant only. */
function windowText({ requestTokenDeadline, requestTokenExpiresAt: end }: Entity): string | undefined {
  if (end === undefined || end === null) return undefined;
  return requestTokenDeadline == null ? `until ${instant(end)}` : `submit ${requestTokenDeadline}`;
}

function until(iso: string | null | undefined): string | undefined {
  return iso === undefined || iso === null ? undefined : `valid until ${instant(iso)}`;
}

/** An API from before the words came with the names has the names only. */
function missingScopes({ missingScopes: names, scopeLosses }: Entity): string | undefined {
  const losses = scopeLosses?.map(({ scope, loss }) => `${scope}: ${loss}`);
  return (losses ?? names)?.join('; ');
}

function ruleText(rule: unknown): string | undefined {
  if (rule === undefined || rule === null) return undefined;
  return typeof rule === 'string' ? rule : JSON.stringify(rule);
}

function pollText(poll: NonNullable<Entity['lastPoll']>): string {
  if (poll.finishedAt === undefined || poll.finishedAt === null)
    return `running since ${instant(poll.startedAt)}`;
  const error = poll.error === undefined || poll.error === null ? '' : `; failed: ${poll.error}`;
  const numbers = `${poll.seen ?? 0} seen, ${poll.changed ?? 0} changed, ${poll.quarantined ?? 0} quarantined`;
  return `${instant(poll.finishedAt)}: ${numbers}${error}`;
}
