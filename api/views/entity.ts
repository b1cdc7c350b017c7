import { type ConflictRule, type Entity, type EntityCounts } from '../../hub';
import { isoOrNull } from '../paging';
import { type EntityJson } from '../schemas/entity';

/** The scopes a Travel Profile application can be granted (docs/concur.md §1, scopes). */
const CONCUR_SCOPES = [
  'openid',
  'user.read',
  'company.read',
  'user_read',
  'FOP',
  'GHOST',
  'TRVPRF',
  'PASSV',
  'EMERG',
  'TSAI',
  'TMCSP',
  'MEDIC',
  'UNUTX',
  'USER',
  'NOTIF',
  'COMPD',
  'COMPANY',
] as const;

/** @param deadline of the request token, in words */
export function entityJson(entity: Entity, counts: EntityCounts, deadline: string | null): EntityJson {
  return {
    id: entity.id,
    name: entity.name,
    companyUuid: entity.companyUuid,
    travelConfigId: entity.travelConfigId,
    ids: {
      outtaskId: entity.ids.outtaskId ?? null,
      companyId: entity.ids.companyId ?? null,
      siteId: entity.ids.siteId ?? null,
      vendorSiteIds: [...(entity.ids.vendorSiteIds ?? [])],
    },
    strategy: entity.strategy ?? null,
    conflictRule: conflictRuleJson(entity.conflictRule),
    unknownProfiles: entity.unknownProfiles,
    apiVersion: entity.apiVersion,
    gds: entity.gds ?? null,
    pollMinutes: entity.pollMinutes === undefined ? null : [...entity.pollMinutes],
    stage: entity.stage,
    health: entity.health,
    healthReason: entity.healthReason ?? null,
    waitingFor: entity.waitingFor ?? null,
    preparation: entity.preparation ?? null,
    requestTokenExpiresAt: isoOrNull(entity.requestTokenExpiresAt),
    requestTokenDeadline: deadline,
    refreshTokenExpiresAt: isoOrNull(entity.refreshTokenExpiresAt),
    geolocation: entity.geolocation ?? null,
    scopes: [...entity.scopes],
    missingScopes: missingScopes(entity.scopes),
    lastPoll: lastPollJson(entity),
    nextPollAt: isoOrNull(entity.nextPollAt),
    counts,
  };
}

/** Nothing is missing before anything was granted. */
function missingScopes(granted: readonly string[]): string[] {
  return granted.length === 0 ? [] : CONCUR_SCOPES.filter((scope) => !granted.includes(scope));
}

/** One word where no section has its own. */
function conflictRuleJson({ default: word, sections }: ConflictRule): EntityJson['conflictRule'] {
  const own = { ...sections };
  return Object.keys(own).length === 0 ? word : { default: word, sections: own };
}

function lastPollJson({ lastPoll }: Entity): EntityJson['lastPoll'] {
  if (lastPoll === undefined) return null;
  const { requestId, startedAt, finishedAt, seen, changed, quarantined, error } = lastPoll;
  return {
    requestId: requestId ?? null,
    startedAt,
    finishedAt: finishedAt ?? null,
    seen,
    changed,
    quarantined,
    error: error ?? null,
  };
}
