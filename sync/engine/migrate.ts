import { createHash } from 'node:crypto';
import { type Entity, type ItemAction, type MigrationItem, type TravellerSync } from '../../hub/types';
import { type CreditCardContent, type SectionChanges, TRAVELLER_ELEMENTS } from '../../profile';
import { isEmptyPlan, planWrite, withoutCards } from '../model/plan';
import { hiddenPlaces } from '../model/visibility';
import { basesOf, imageOfProfile, imageOfTraveller, mergeObserved } from './absorb';
import { type ConcurSide, readConcurSide } from './concur-side';
import { assertCreatable, loginTaken, NO_CARDS, planCreate } from './create';
import { type ClassifiedFailure, isRecordFailure, isTransientFailure, wordsOf } from './failures';
import { refuseVersion1 } from './identity';
import { cardsOf } from './planned-cards';
import { AdaptiveLimit, settleOrThrow } from './pool';
import { type EngineDeps, type EngineSettings, type MigrationStore } from './ports';
import { type PlannedWrite } from './publish-types';
import { EVERYTHING } from './pull';

export interface MigrationDeps extends EngineDeps {
  readonly migrations: MigrationStore;
}

export interface MigrationRef {
  readonly entityId: string;
  readonly number: number;
}

/** What an item's plan holds; stored sealed, shown as XML on request. */
export interface StoredPlan {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly status: 'active' | 'inactive';
  readonly sections: SectionChanges;
  /** The complete list of cards that goes by its own call; absent where the cards stay as they are. */
  readonly cards?: readonly CreditCardContent[];
  /** Slots whose value in Concur would be replaced, and removed: what the approval is about. */
  readonly overwrites: readonly string[];
  readonly clears: readonly string[];
  /** Concur's fields that are left out because Concur would refuse them. */
  readonly withheld: readonly { readonly field: string; readonly code: string; readonly reason: string }[];
}

export function storedPlan({ action, loginId, plan, cards }: PlannedWrite): StoredPlan {
  return {
    action,
    loginId,
    status: plan.status,
    sections: plan.sections,
    ...(cards === undefined ? {} : { cards }),
    overwrites: plan.overwrites,
    clears: plan.clears,
    withheld: plan.withheld.map(({ finding }) => finding),
  };
}

/**
 * The migration's first read of Concur. What changes there from now on is for the polls that follow, so the
 * first cursor comes from this answer's Date (docs/architecture.md, workflows).
 */
export async function startPlan(deps: MigrationDeps, ref: MigrationRef): Promise<void> {
  const migration = await deps.migrations.migration(ref.entityId, ref.number);
  if (migration.firstReadAt !== undefined) return;
  const page = await deps.concur.listSummaries({ since: EVERYTHING, page: 1, itemsPerPage: 1 });
  await deps.migrations.updateMigration(ref.entityId, ref.number, {
    firstReadAt: page.serverDate ?? deps.clock.now(),
  });
}

export interface ChunkResult {
  /** Where the next chunk starts; undefined when there is nothing left. */
  readonly next?: string;
  readonly done: number;
}

/** Plans the next travellers: reads each one's ground in Concur and stores what would be sent. Idempotent. */
export async function planChunk(
  deps: MigrationDeps,
  settings: EngineSettings,
  ref: MigrationRef,
  after: string | undefined,
  limit: number,
): Promise<ChunkResult> {
  const entity = await deps.store.entity(ref.entityId);
  const ids = await deps.migrations.travellerIds(ref.entityId, after, limit);
  const travellers = await deps.store.load(ref.entityId, 'concur', ids);
  const pool = new AdaptiveLimit(settings.concurrency);
  const items = await settleOrThrow(travellers, pool, (traveller) => planItem(deps, entity, ref, traveller));
  if (items.length > 0) await deps.migrations.putItems(items);
  const next = ids.length < limit ? undefined : ids.at(-1);
  return { done: items.length, ...(next === undefined ? {} : { next }) };
}

async function planItem(
  deps: MigrationDeps,
  entity: Entity,
  ref: MigrationRef,
  current: TravellerSync,
): Promise<MigrationItem> {
  const item = (action: ItemAction, planHash: string, more: Partial<MigrationItem> = {}): MigrationItem => ({
    entityId: ref.entityId,
    migrationNumber: ref.number,
    travellerId: current.traveller.id,
    action,
    planHash,
    replanned: false,
    ...more,
  });
  try {
    const plan = await planGround(deps, entity, current);
    if (plan === undefined) return item('unchanged', await deps.store.hash(entity.id, 'unchanged'));
    const action = plan.action === 'Create' ? 'create' : 'update';
    return item(action, await planHashOf(deps, entity.id, plan), { plan });
  } catch (error) {
    if (!isRecordFailure(error)) throw error;
    return item('refused', await deps.store.hash(entity.id, `refused ${error.code}`), refusal(error));
  }
}

function refusal(error: ClassifiedFailure): { code: string; reason: string } {
  const { code, reason } = wordsOf(error);
  return { code, reason };
}

/** What publishing the traveller now would send; undefined when nothing. */
async function planGround(
  deps: EngineDeps,
  entity: Entity,
  current: TravellerSync,
): Promise<StoredPlan | undefined> {
  const { traveller, state } = current;
  const found = await readConcurSide(deps, entity, {
    login: state.locator,
    uuid: state.concurUuid,
    syncId: state.xmlProfileSyncId,
  });
  if (found === undefined) {
    if (traveller.status === 'inactive') return undefined;
    if (entity.apiVersion === 1) throw refuseVersion1();
    const login = traveller.username.trim();
    assertCreatable(login, traveller.sections);
    const stranger = await deps.concur.readProfile({ type: 'login', value: login });
    if (stranger !== undefined && state.createIntent === undefined) throw loginTaken();
    const plan = planCreate(entity, imageOfTraveller(traveller));
    return storedPlan({ action: 'Create', loginId: login, plan, ...cardsOf(deps, NO_CARDS, plan) });
  }
  const seen = { profile: found.profile, seenAt: found.serverDate ?? deps.clock.now() };
  const merged = mergeObserved(entity, current, seen, basesOf(state));
  if (entity.apiVersion === 1 && merged.toConcur.length > 0) throw refuseVersion1();
  const concur = imageOfProfile(entity, found.profile, state.baseConcur);
  const slots = [...merged.toConcur, ...merged.waiting];
  const planned = planWrite(merged.hub, concur, slots, hiddenPlaces(entity.scopes));
  const plan = found.cardsFailure === undefined ? planned : withoutCards(planned);
  if (isEmptyPlan(plan)) return undefined;
  const { loginId } = found.profile;
  const stored = storedPlan({ action: 'Update', loginId, plan, ...cardsOf(deps, found, plan) });
  return { ...stored, withheld: [...stored.withheld, ...cardsNotRead(found)] };
}

/** What becomes of the cards is decided when they can be read: the profile need not wait. */
function cardsNotRead({ cardsFailure }: ConcurSide): StoredPlan['withheld'] {
  if (cardsFailure === undefined) return [];
  const { code, message } = cardsFailure;
  if (isTransientFailure(cardsFailure)) throw cardsFailure;
  return [{ field: TRAVELLER_ELEMENTS.cards.xml, code, reason: message }];
}

export function planHashOf(deps: EngineDeps, entityId: string, plan: StoredPlan): Promise<string> {
  const { action, loginId, status, sections, cards } = plan;
  return deps.store.hash(
    entityId,
    canonicalJson({ action, loginId: loginId.toLowerCase(), status, sections, cards }),
  );
}

/** JSON with sorted names and without the hub's own handles, so that equal content gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => {
    if (name === 'key') return undefined;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const ITEM_PAGE = 500;

/** Closes the plan: counts its items and names it by a digest, which an approval must repeat. */
export async function finishPlan(deps: MigrationDeps, ref: MigrationRef): Promise<string> {
  const digest = createHash('sha256');
  let after: string | undefined;
  for (;;) {
    const items = await deps.migrations.items(ref.entityId, ref.number, after, ITEM_PAGE);
    for (const item of items) digest.update(`${item.travellerId} ${item.action} ${item.planHash}\n`);
    after = items.at(-1)?.travellerId;
    if (items.length < ITEM_PAGE) break;
  }
  const hex = digest.digest('hex');
  await deps.migrations.updateMigration(ref.entityId, ref.number, {
    digest: hex,
    plannedAt: deps.clock.now(),
    state: 'awaiting-approval',
  });
  return hex;
}
