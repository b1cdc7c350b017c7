import { type ConflictRule, type Entity, type EntityCounts } from '../../hub';
import { scopeLosses } from '../../profile';
import { isoOrNull } from '../paging';
import { type EntityJson } from '../schemas/entity';

/** @param deadline of the request token, in words */
export function entityJson(entity: Entity, counts: EntityCounts, deadline: string | null): EntityJson {
  // Nothing is missing before anything was granted.
  const losses = entity.scopes.length === 0 ? [] : scopeLosses(entity.scopes);
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
    interfaceOn: entity.interfaceOn,
    pollingOn: entity.pollingOn,
    stage: entity.stage,
    health: entity.health,
    healthReason: entity.healthReason ?? null,
    waitingFor: switchedOff(entity) ?? entity.waitingFor ?? null,
    preparation: entity.preparation ?? null,
    requestTokenExpiresAt: isoOrNull(entity.requestTokenExpiresAt),
    requestTokenDeadline: deadline,
    refreshTokenExpiresAt: isoOrNull(entity.refreshTokenExpiresAt),
    geolocation: entity.geolocation ?? null,
    scopes: [...entity.scopes],
    missingScopes: losses.map(({ scope }) => scope),
    scopeLosses: losses,
    lastPoll: lastPollJson(entity),
    nextPollAt: entity.interfaceOn && entity.pollingOn ? isoOrNull(entity.nextPollAt) : null,
    counts,
  };
}

/** Before anything else somebody has to switch it on; an entity that leaves needs neither. */
function switchedOff({ id, stage, interfaceOn, pollingOn }: Entity): string | undefined {
  if (stage === 'offboarding' || stage === 'offboarded') return undefined;
  if (!interfaceOn)
    return `Engineer: switch the interface to Concur on (concordance entity set ${id} interfaceOn=true). Until then nothing is sent to Concur.`;
  if (!pollingOn && stage === 'active')
    return `Engineer: switch polling on (concordance entity set ${id} pollingOn=true). Until then changes in Concur are not read.`;
  return undefined;
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
