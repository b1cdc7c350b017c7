import { type Insertable, type Selectable, type Updateable } from 'kysely';
import { type EntityPatch, type EntityStateChange } from '../contract';
import { type WrappedKey } from '../crypto/entity-key';
import { type EntitiesTable } from '../db/schema';
import { type Entity, type EntityDefinition, type Switches } from '../types';
import { present, toJson, toJsonOrNull } from './support';

export function toEntity(row: Selectable<EntitiesTable>): Entity {
  return {
    id: row.id,
    agencyId: row.agency_id,
    name: row.name,
    companyUuid: row.company_uuid,
    travelConfigId: row.travel_config_id,
    ids: row.ids,
    conflictRule: row.conflict_rule,
    unknownProfiles: row.unknown_profiles,
    apiVersion: row.api_version,
    stage: row.stage,
    health: row.health,
    scopes: row.scopes,
    clockSkewMs: row.clock_skew_ms,
    wake: row.wake,
    interfaceOn: row.interface_on,
    pollingOn: row.polling_on,
    createdAt: row.created_at,
    ...present({
      strategy: row.strategy,
      gds: row.gds,
      pollMinutes: row.poll_minutes,
      healthReason: row.health_reason,
      waitingFor: row.waiting_for,
      preparation: row.preparation,
      requestTokenIssuedAt: row.request_token_issued_at,
      requestTokenExpiresAt: row.request_token_expires_at,
      refreshTokenExpiresAt: row.refresh_token_expires_at,
      geolocation: row.geolocation,
      lastPoll: row.last_poll,
      nextPollAt: row.next_poll_at,
      cursor: row.sync_cursor,
      progress: row.progress,
    }),
  };
}

/** What the caller had decided, out of all that is known by now; switches where `given` names them. */
export function definitionOf(entity: Entity, given: Partial<Switches>): EntityDefinition {
  const { id, agencyId, name, companyUuid, travelConfigId, ids, conflictRule, unknownProfiles, apiVersion } =
    entity;
  return {
    id,
    agencyId,
    name,
    companyUuid,
    travelConfigId,
    ids,
    conflictRule,
    unknownProfiles,
    apiVersion,
    ...present({ strategy: entity.strategy, gds: entity.gds, pollMinutes: entity.pollMinutes }),
    ...(given.interfaceOn === undefined ? {} : { interfaceOn: entity.interfaceOn }),
    ...(given.pollingOn === undefined ? {} : { pollingOn: entity.pollingOn }),
  };
}

export function newEntityRow(
  definition: EntityDefinition,
  agency: Switches,
  key: WrappedKey,
  now: Date,
): Insertable<EntitiesTable> {
  return {
    id: definition.id,
    agency_id: definition.agencyId,
    name: definition.name,
    company_uuid: definition.companyUuid,
    travel_config_id: definition.travelConfigId,
    ids: toJson(definition.ids),
    strategy: definition.strategy ?? null,
    conflict_rule: toJson(definition.conflictRule),
    unknown_profiles: definition.unknownProfiles,
    api_version: definition.apiVersion,
    gds: toJsonOrNull(definition.gds),
    poll_minutes: toJsonOrNull(definition.pollMinutes),
    interface_on: definition.interfaceOn ?? agency.interfaceOn,
    polling_on: definition.pollingOn ?? agency.pollingOn,
    stage: 'requested',
    health: 'ok',
    scopes: toJson([]),
    clock_skew_ms: 0,
    wake: false,
    created_at: now,
    data_key_id: key.keyId,
    data_key: key.wrapped,
    ring_key_id: key.ringKeyId,
  };
}

/** Columns of a change; what is absent in it is absent here. */
export function changedColumns(change: EntityPatch & EntityStateChange): Updateable<EntitiesTable> {
  const columns: Updateable<EntitiesTable> = {};
  if (change.name !== undefined) columns.name = change.name;
  if (change.companyUuid !== undefined) columns.company_uuid = change.companyUuid;
  if (change.travelConfigId !== undefined) columns.travel_config_id = change.travelConfigId;
  if (change.ids !== undefined) columns.ids = toJson(change.ids);
  if (change.strategy !== undefined) columns.strategy = change.strategy;
  if (change.conflictRule !== undefined) columns.conflict_rule = toJson(change.conflictRule);
  if (change.unknownProfiles !== undefined) columns.unknown_profiles = change.unknownProfiles;
  if (change.apiVersion !== undefined) columns.api_version = change.apiVersion;
  if (change.gds !== undefined) columns.gds = toJsonOrNull(change.gds);
  if (change.pollMinutes !== undefined) columns.poll_minutes = toJsonOrNull(change.pollMinutes);
  if (change.interfaceOn !== undefined) columns.interface_on = change.interfaceOn;
  if (change.pollingOn !== undefined) columns.polling_on = change.pollingOn;
  return { ...columns, ...changedStateColumns(change) };
}

function changedStateColumns(change: EntityStateChange): Updateable<EntitiesTable> {
  const columns: Updateable<EntitiesTable> = {};
  if (change.stage !== undefined) columns.stage = change.stage;
  if (change.health !== undefined) columns.health = change.health;
  if (change.healthReason !== undefined) columns.health_reason = change.healthReason;
  if (change.waitingFor !== undefined) columns.waiting_for = change.waitingFor;
  if (change.preparation !== undefined) columns.preparation = change.preparation;
  if (change.requestTokenIssuedAt !== undefined)
    columns.request_token_issued_at = change.requestTokenIssuedAt;
  if (change.requestTokenExpiresAt !== undefined)
    columns.request_token_expires_at = change.requestTokenExpiresAt;
  if (change.refreshTokenExpiresAt !== undefined)
    columns.refresh_token_expires_at = change.refreshTokenExpiresAt;
  if (change.geolocation !== undefined) columns.geolocation = change.geolocation;
  if (change.scopes !== undefined) columns.scopes = toJson(change.scopes);
  if (change.lastPoll !== undefined) {
    columns.last_poll = toJsonOrNull(change.lastPoll);
    columns.last_poll_finished_at = finishedAt(change.lastPoll?.finishedAt);
  }
  if (change.nextPollAt !== undefined) columns.next_poll_at = change.nextPollAt;
  if (change.clockSkewMs !== undefined) columns.clock_skew_ms = Math.round(change.clockSkewMs);
  return columns;
}

function finishedAt(instant: string | undefined): Date | null {
  return instant === undefined ? null : new Date(instant);
}
