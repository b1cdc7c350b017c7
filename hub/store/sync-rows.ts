import { type Selectable, sql } from 'kysely';
import { imageText } from '../content';
import { type KnownSeals, openDocument, sealDocument, type StoredImage } from '../crypto/document';
import { type EntityKey } from '../crypto/entity-key';
import { type SyncStatesTable } from '../db/schema';
import { type Image, type SyncState, type Target } from '../types';
import { type Columns, type Executor, present } from './support';

type Side = 'base_hub' | 'base_concur';

function placeOf(travellerId: string, target: Target, side: Side): readonly string[] {
  return ['sync_states', travellerId, target, side];
}

/** @throws SealBroken, KeyMissing, StoredDataInvalid */
export function toSyncState(key: EntityKey, row: Selectable<SyncStatesTable>, known?: KnownSeals): SyncState {
  return {
    entityId: row.entity_id,
    travellerId: row.traveller_id,
    target: row.target,
    hubVersion: row.hub_version,
    publishedVersion: row.published_version,
    held: row.held,
    version: row.version,
    notes: row.notes,
    ...present({
      locator: row.locator,
      concurUuid: row.concur_uuid,
      xmlProfileSyncId: row.xml_profile_sync_id,
      baseHub: openImage(key, row, 'base_hub', known),
      baseConcur: openImage(key, row, 'base_concur', known),
      blockedVersion: row.blocked_version,
      leaseHolder: row.lease_holder,
      leaseUntil: row.lease_until,
      createIntent: row.create_intent,
      concurModifiedAt: row.concur_modified_at,
      concurSeenAt: row.concur_seen_at,
      lastPublishedAt: row.last_published_at,
      lastPulledAt: row.last_pulled_at,
    }),
  };
}

function openImage(
  key: EntityKey,
  row: Selectable<SyncStatesTable>,
  side: Side,
  known: KnownSeals | undefined,
): Image | undefined {
  const image = row[side];
  if (image === null) return undefined;
  const place = placeOf(row.traveller_id, row.target, side);
  return { status: image.status, sections: openDocument(key, place, image.sections, known) };
}

/** Columns of a batch of sync states; `hub_version` is left to the foreign key. */
export const STATE_COLUMNS = {
  entity_id: 'text',
  traveller_id: 'text',
  target: 'text',
  locator: 'text',
  concur_uuid: 'text',
  xml_profile_sync_id: 'text',
  base_hub: 'jsonb',
  base_hub_hash: 'text',
  base_concur: 'jsonb',
  published_version: 'bigint',
  blocked_version: 'bigint',
  held: 'boolean',
  version: 'bigint',
  lease_holder: 'text',
  lease_until: 'timestamptz',
  create_intent: 'jsonb',
  notes: 'jsonb',
  concur_modified_at: 'timestamptz',
  concur_seen_at: 'timestamptz',
  last_published_at: 'timestamptz',
  last_pulled_at: 'timestamptz',
} as const satisfies Columns;

/** What a save may change. */
export const SAVED_STATE_COLUMNS = Object.keys(STATE_COLUMNS).filter(
  (name) => !['entity_id', 'traveller_id', 'target', 'version'].includes(name),
);

export function stateRow(
  key: EntityKey,
  state: SyncState,
  known?: KnownSeals,
): Record<keyof typeof STATE_COLUMNS, unknown> {
  return {
    entity_id: state.entityId,
    traveller_id: state.travellerId,
    target: state.target,
    locator: state.locator,
    concur_uuid: state.concurUuid,
    xml_profile_sync_id: state.xmlProfileSyncId,
    base_hub: sealImage(key, state, 'base_hub', state.baseHub, known),
    base_hub_hash: state.baseHub === undefined ? undefined : key.hash(imageText(state.baseHub)),
    base_concur: sealImage(key, state, 'base_concur', state.baseConcur, known),
    published_version: state.publishedVersion,
    blocked_version: state.blockedVersion,
    held: state.held,
    version: state.version,
    lease_holder: state.leaseHolder,
    lease_until: state.leaseUntil,
    create_intent: state.createIntent,
    notes: state.notes,
    concur_modified_at: state.concurModifiedAt,
    concur_seen_at: state.concurSeenAt,
    last_published_at: state.lastPublishedAt,
    last_pulled_at: state.lastPulledAt,
  };
}

function sealImage(
  key: EntityKey,
  state: SyncState,
  side: Side,
  image: Image | undefined,
  known: KnownSeals | undefined,
): StoredImage | undefined {
  if (image === undefined) return undefined;
  const place = placeOf(state.travellerId, state.target, side);
  return { status: image.status, sections: sealDocument(key, place, image.sections, known) };
}

/**
 * Gives travellers the sync states they lack: for Concur always, for the GDS where the entity has one. A new
 * state has published nothing, so the traveller is dirty for that target.
 * @param travellerIds absent: all of the entity
 */
export async function insertMissingStates(
  db: Executor,
  entityId: string,
  travellerIds?: readonly string[],
): Promise<void> {
  const only = travellerIds === undefined ? sql`` : sql`and t.id = any(${[...travellerIds]}::text[])`;
  await sql`
    insert into sync_states (entity_id, traveller_id, target, hub_version, published_version, held, version, notes)
    select t.entity_id, t.id, targets.target, t.version, 0, t.erased_at is not null, 1, '[]'
    from travellers t
    join entities e on e.id = t.entity_id
    cross join (values ('concur'), ('amadeus-csx')) as targets (target)
    where t.entity_id = ${entityId} and (targets.target = 'concur' or e.gds is not null) ${only}
    on conflict do nothing`.execute(db);
}
