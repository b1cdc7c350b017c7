import {
  type ApiKey,
  type ConflictRecord,
  type ConflictSummary,
  type EventRecord,
  type QuarantineRecord,
  type RequestRecord,
} from '../../hub';
import { isoOrNull } from '../paging';
import {
  type ApiKeyJson,
  type ConflictJson,
  type EventJson,
  type QuarantineJson,
  type RequestJson,
} from '../schemas/records';

export function quarantineJson(record: QuarantineRecord): QuarantineJson {
  return {
    id: record.id,
    entityId: record.entityId,
    travellerId: record.travellerId ?? null,
    loginId: record.loginId ?? null,
    direction: record.direction,
    code: record.code,
    field: record.field ?? null,
    reason: record.reason,
    correlationId: record.correlationId ?? null,
    firstAt: record.firstAt.toISOString(),
    lastAt: record.lastAt.toISOString(),
    attempts: record.attempts,
    resolvedAt: isoOrNull(record.resolvedAt),
    resolution: record.resolution ?? null,
  };
}

export function conflictJson(conflict: ConflictSummary): ConflictJson {
  const { id, entityId, travellerId, section, winner, at, restoredAt } = conflict;
  return {
    id,
    entityId,
    travellerId,
    section,
    winner,
    at: at.toISOString(),
    restoredAt: isoOrNull(restoredAt),
  };
}

/** With what was overwritten: for the scope `sensitive`. */
export function openedConflictJson(conflict: ConflictRecord): ConflictJson {
  const { slot, hubValue, concurValue } = conflict;
  return { ...conflictJson(conflict), slot, hubValue: hubValue ?? null, concurValue: concurValue ?? null };
}

export function eventJson({ id, entityId, at, kind, message, dueAt }: EventRecord): EventJson {
  return { id, entityId, at: at.toISOString(), kind, message, dueAt: isoOrNull(dueAt) };
}

export function requestJson(request: RequestRecord): RequestJson {
  const { id, entityId, kind, attempts, createdAt, deliveredAt, lastError, refusal } = request;
  return {
    id,
    entityId,
    kind,
    pending: deliveredAt === undefined,
    createdAt: createdAt.toISOString(),
    deliveredAt: isoOrNull(deliveredAt),
    attempts,
    lastError: lastError ?? null,
    refused: refusal === undefined ? null : { code: refusal.code, message: refusal.reason },
  };
}

export function apiKeyJson({ id, name, scopes, createdAt, revokedAt }: ApiKey): ApiKeyJson {
  return {
    id,
    name,
    scopes: [...scopes],
    createdAt: createdAt.toISOString(),
    revokedAt: isoOrNull(revokedAt),
  };
}
