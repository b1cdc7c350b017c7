import {
  type ConflictRule,
  type ConflictWord,
  type Entity,
  type EntityDefinition,
  type EntityIds,
  type EntityPatch,
} from '../../hub';
import { SECTION_NAMES } from '../../profile';
import { defined } from '../paging';
import { type EntityPatchJson, type NewEntityJson } from '../schemas/entity';

/** Entities belong to an agency; this release has one. */
export const AGENCY = 'default';
const DEFAULT_RULE: ConflictRule = { default: 'hub-wins' };

export function definitionOf(body: NewEntityJson): EntityDefinition {
  return {
    id: body.id,
    agencyId: AGENCY,
    name: body.name,
    companyUuid: body.companyUuid,
    travelConfigId: body.travelConfigId,
    ids: mergedIds({}, body.ids ?? {}),
    conflictRule: mergedRule(DEFAULT_RULE, body.conflictRule),
    unknownProfiles: body.unknownProfiles ?? 'create',
    apiVersion: body.apiVersion ?? 2,
    ...(body.strategy == null ? {} : { strategy: body.strategy }),
    ...(body.gds == null ? {} : { gds: body.gds }),
    ...(body.pollMinutes == null ? {} : { pollMinutes: sorted(body.pollMinutes) }),
    ...defined({ interfaceOn: body.interfaceOn, pollingOn: body.pollingOn }),
  };
}

/** A merge patch (RFC 7396) as a change of the stored entity; the preparation is part of its state. */
export function patchOf(entity: Entity, body: EntityPatchJson): EntityPatch {
  const { ids, conflictRule, pollMinutes, preparation: _, ...plain } = body;
  return {
    ...defined(plain),
    ...(ids === undefined ? {} : { ids: ids === null ? {} : mergedIds(entity.ids, ids) }),
    ...(conflictRule === undefined ? {} : { conflictRule: mergedRule(entity.conflictRule, conflictRule) }),
    ...(pollMinutes === undefined ? {} : { pollMinutes: pollMinutes === null ? null : sorted(pollMinutes) }),
  };
}

function sorted(minutes: readonly number[]): number[] {
  return [...new Set(minutes)].sort((one, other) => one - other);
}

type Patch<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

function mergedIds(stored: EntityIds, patch: Patch<EntityIds>): EntityIds {
  const text = (name: 'outtaskId' | 'companyId' | 'siteId'): string | undefined =>
    patch[name] === undefined ? stored[name] : (patch[name] ?? undefined);
  const sites = patch.vendorSiteIds === undefined ? stored.vendorSiteIds : patch.vendorSiteIds;
  return defined({
    outtaskId: text('outtaskId'),
    companyId: text('companyId'),
    siteId: text('siteId'),
    vendorSiteIds: sites == null || sites.length === 0 ? undefined : sites,
  });
}

function mergedRule(stored: ConflictRule, patch: NewEntityJson['conflictRule'] | null): ConflictRule {
  if (patch === undefined) return stored;
  if (patch === null) return DEFAULT_RULE;
  if (typeof patch === 'string') return { default: patch };
  const word = patch.default ?? stored.default;
  const sections = patch.sections === null ? {} : mergedSections(stored, patch.sections ?? {});
  return Object.keys(sections).length === 0 ? { default: word } : { default: word, sections };
}

function mergedSections(
  stored: ConflictRule,
  patch: Readonly<Record<string, ConflictWord | null | undefined>>,
): NonNullable<ConflictRule['sections']> {
  const merged = SECTION_NAMES.flatMap((name) => {
    const word = patch[name] === undefined ? stored.sections?.[name] : patch[name];
    return word == null ? [] : [[name, word] as const];
  });
  return Object.fromEntries(merged);
}
