import { type Entity, type EntityStateChange } from '../../hub';
import { type Preparation } from '../../hub/types';
import { nextPollSlot } from '../../sync/model/poll-slots';
import { preparationWords } from '../../sync/model/request-token-words';
import { type Accepted } from '../commands';
import { type ApiContext } from '../deps';
import { type EntityPatchJson } from '../schemas/entity';
import { Problem } from '../problem';
import { allowsStage, isMigrationUnderWay, requireStage } from '../stage-rules';
import { patchOf } from './entity-definition';

/**
 * Changes an entity and tells its workflows what concerns them. `pending` is absent where nobody had to be told.
 * @throws Problem 409 in a stage that forbids it; HubError
 */
export async function changeEntity(
  context: ApiContext,
  before: Entity,
  body: EntityPatchJson,
): Promise<{ readonly entity: Entity; readonly pending?: boolean }> {
  const { store } = context;
  const names = changedSettings(before, body);
  requireChangeable(before, body, names);
  if (body.interfaceOn === false && before.interfaceOn) await requireNoOpenMigration(context, before);
  const entity = await store.entities.patch(before.id, patchOf(before, body));
  await freeReadOnly(context, before, entity);
  const told = [
    await tellSettings(context, before, body, names),
    await tellRhythm(context, before, entity),
    await tellSwitches(context, before, entity),
  ].filter((accepted) => accepted !== undefined);
  if (told.length === 0) return { entity };
  return {
    entity: await store.entities.get(before.id),
    pending: told.some((accepted) => accepted.pending),
  };
}

/** It would go on writing although nothing is to be sent. */
async function requireNoOpenMigration({ store }: ApiContext, { id }: Entity): Promise<void> {
  const last = await store.migrations.latest(id);
  if (last === undefined || !isMigrationUnderWay(last)) return;
  throw new Problem(
    409,
    'migration-open',
    `Migration ${last.number} of entity ${id} is open. End it first: concordance migration cancel ${id} ${last.number}`,
  );
}

function requireChangeable(before: Entity, body: EntityPatchJson, names: readonly SettingName[]): void {
  requireStage(before, 'change-entity');
  const { companyUuid, interfaceOn } = body;
  if (companyUuid !== undefined && companyUuid !== before.companyUuid) requireStage(before, 'change-company');
  if (interfaceOn === false && before.interfaceOn) requireStage(before, 'switch-off');
  for (const name of names) requireStage(before, SETTINGS[name]);
}

/** What the lifecycle goes by, and when it may be changed. */
const SETTINGS = { strategy: 'change-strategy', preparation: 'note-preparation' } as const;
const SETTING_NAMES = ['strategy', 'preparation'] as const;
type SettingName = (typeof SETTING_NAMES)[number];

function changedSettings(before: Entity, body: EntityPatchJson): SettingName[] {
  return SETTING_NAMES.filter(
    (name) => body[name] !== undefined && (body[name] ?? undefined) !== before[name],
  );
}

/** The lifecycle hears of its settings at once; what it refuses is put back. */
async function tellSettings(
  { store, commands }: ApiContext,
  before: Entity,
  { preparation }: EntityPatchJson,
  names: readonly SettingName[],
): Promise<Accepted | undefined> {
  if (names.length === 0) return undefined;
  const { id } = before;
  const notes = names.includes('preparation');
  try {
    return await commands.sendAll(id, [{ request: { kind: 'change-settings', names: [...names] } }], () =>
      store.entities.setState(id, notes ? preparedState(before, preparation) : {}),
    );
  } catch (error) {
    if (names.includes('strategy')) await store.entities.patch(id, { strategy: before.strategy ?? null });
    if (notes) {
      const { preparation: noted, waitingFor } = before;
      await store.entities.setState(id, { preparation: noted ?? null, waitingFor: waitingFor ?? null });
    }
    throw error;
  }
}

/** What is shown until the workflow shows the same. */
export function preparedState(
  { id, stage }: Entity,
  preparation: Preparation | null | undefined,
): EntityStateChange {
  const noted = preparation ?? undefined;
  const isSaid = stage === 'requested' || noted !== undefined;
  return {
    preparation: noted ?? null,
    ...(isSaid ? { waitingFor: preparationWords(id, noted) } : {}),
  };
}

/** The poll loop counts its wait anew; the next poll is shown as it will be. */
async function tellRhythm(
  { store, commands, settings, clock }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<Accepted | undefined> {
  const changed = String(after.pollMinutes) !== String(before.pollMinutes);
  if (!changed || !allowsStage(after, 'change-rhythm')) return undefined;
  const slot = nextPollSlot(clock.now().getTime(), after.pollMinutes ?? settings.POLL_MINUTES);
  return commands.sendAll(after.id, [{ request: { kind: 'change-poll-minutes' } }], async () => {
    if (after.nextPollAt !== undefined)
      await store.entities.setState(after.id, { nextPollAt: new Date(slot) });
  });
}

/** Changes that v1 could not take are published once the entity is on v2 (docs/concur.md §5). */
async function freeReadOnly(
  { store, clock, waker }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<void> {
  if (before.apiVersion !== 1 || after.apiVersion !== 2) return;
  const query = { entityId: after.id, code: 'ReadOnlyVersion' };
  const { woke } = await store.quarantine.retryAll(query, { now: clock.now() });
  if (woke) waker.wake(after.id);
}

/** The loops of an active entity are started, resumed or paused; those of another read SQL when they start. */
async function tellSwitches(
  { commands }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<Accepted | undefined> {
  const { interfaceOn, pollingOn, stage } = after;
  if (interfaceOn === before.interfaceOn && pollingOn === before.pollingOn) return undefined;
  return stage === 'active' ? commands.send(after.id, { kind: 'change-switches' }) : undefined;
}
