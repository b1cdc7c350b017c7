import { z } from 'zod';
import { type Company } from './company';
import { newProfile } from './profile-create';
import { isSectionsTree, sectionsProblem, treeAt } from './tree';
import { type StoredProfile, type Tree } from './types';
import { type World } from './world';

const unknownElements = z.array(z.strictObject({ path: z.string(), name: z.string(), value: z.string() }));
const sectionsSchema = z.unknown().transform((value, context): Tree => {
  if (isSectionsTree(value)) return value;
  context.addIssue({ code: 'custom', message: sectionsProblem(value) ?? 'does not fit the element table' });
  return z.NEVER;
});
const status = z.enum(['active', 'inactive']);
const login = z.string().trim().min(3);

/** A profile put into the simulated Concur, without the checks that a POST meets. */
export const profileSeedSchema = z.strictObject({
  companyUuid: z.string().min(1),
  loginId: login,
  status: status.default('active'),
  sections: sectionsSchema.default({}),
  unknown: unknownElements.default([]).describe('elements that the table does not know, shown on reads'),
  onlyInVersion1: unknownElements.optional().describe('elements that only Travel Profile v1 shows'),
  externalId: z.string().min(1).optional(),
  uuid: z.string().min(1).optional(),
  xmlProfileSyncId: z.string().min(1).optional().describe('need not be unique'),
  modifiedAt: z.iso.datetime().optional(),
});

/** What a Concur user changes at the screen: JSON merge patch on the sections, status, a new login. */
export const profilePatchSchema = z.strictObject({
  loginId: login.optional(),
  status: status.optional(),
  sections: z.record(z.string(), z.unknown()).optional(),
  unknown: unknownElements.optional(),
  onlyInVersion1: unknownElements.optional(),
  xmlProfileSyncId: z.string().min(1).optional(),
});

export type ProfileSeed = z.input<typeof profileSeedSchema>;
export type ProfilePatch = z.input<typeof profilePatchSchema>;

/** An admin request that cannot be done; `message` says why. */
export class AdminError extends Error {
  constructor(
    readonly status: 400 | 404 | 405 | 409 | 413 | 422,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'AdminError';
  }
}

export function companyOf(world: World, companyUuid: string): Company {
  const company = world.store.company(companyUuid);
  if (company === undefined) {
    throw new AdminError(
      404,
      'unknown-company',
      `No company ${companyUuid}. Make it first: POST /_admin/companies {"companyUuid": "…", "name": "…", "travelConfigIds": ["1000"]}`,
    );
  }
  return company;
}

/** By UUID or login. */
export function profileOf(world: World, reference: string): StoredProfile {
  const profile = world.store.profileByUuid(reference) ?? world.store.profileByLogin(reference);
  if (profile === undefined)
    throw new AdminError(404, 'unknown-profile', `No profile with the UUID or login ${reference}.`);
  return profile;
}

export function seedProfile(world: World, input: ProfileSeed): StoredProfile {
  const seed = profileSeedSchema.parse(input);
  const company = companyOf(world, seed.companyUuid);
  demandFreeLogin(world, seed.loginId);
  const fresh = newProfile(world, company, seed.loginId);
  const defaults: Tree = {
    travelConfigId: company.travelConfigIds[0] ?? '',
    ...treeAt(fresh.sections, 'general'),
  };
  const stamp =
    seed.modifiedAt === undefined
      ? fresh.modifiedAt
      : Math.floor(Date.parse(seed.modifiedAt) / 1_000) * 1_000;
  const profile: StoredProfile = {
    ...fresh,
    uuid: seed.uuid ?? fresh.uuid,
    xmlProfileSyncId: seed.xmlProfileSyncId ?? fresh.xmlProfileSyncId,
    status: seed.status,
    sections: { ...seed.sections, general: { ...defaults, ...treeAt(seed.sections, 'general') } },
    unknown: seed.unknown,
    ...(seed.onlyInVersion1 === undefined ? {} : { onlyInVersion1: seed.onlyInVersion1 }),
    ...(seed.externalId === undefined ? {} : { externalId: seed.externalId }),
    modifiedAt: stamp,
    sequence: world.store.nextSequence(),
  };
  if (world.store.profileByUuid(profile.uuid) !== undefined) {
    throw new AdminError(409, 'uuid-taken', `The UUID ${profile.uuid} belongs to a profile already.`);
  }
  world.store.putProfile(profile);
  return profile;
}

/** As a Concur user would: the stamp moves, no API rule is applied. */
export function editProfile(world: World, reference: string, input: ProfilePatch): StoredProfile {
  const before = profileOf(world, reference);
  const patch = profilePatchSchema.parse(input);
  if (patch.loginId !== undefined && patch.loginId.toLowerCase() !== before.loginId.toLowerCase()) {
    demandFreeLogin(world, patch.loginId);
  }
  const sections =
    patch.sections === undefined ? before.sections : mergePatch(before.sections, patch.sections);
  if (!isSectionsTree(sections)) {
    throw new AdminError(
      422,
      'invalid',
      sectionsProblem(sections) ?? 'The sections do not fit the element table.',
    );
  }
  const after: StoredProfile = {
    ...before,
    loginId: patch.loginId ?? before.loginId,
    status: patch.status ?? before.status,
    xmlProfileSyncId: patch.xmlProfileSyncId ?? before.xmlProfileSyncId,
    unknown: patch.unknown ?? before.unknown,
    ...(patch.onlyInVersion1 === undefined ? {} : { onlyInVersion1: patch.onlyInVersion1 }),
    sections,
    modifiedAt: world.clock.nowWholeSeconds(),
    sequence: world.store.nextSequence(),
  };
  world.store.putProfile(after);
  return after;
}

function demandFreeLogin(world: World, loginId: string): void {
  if (world.store.profileByLogin(loginId) === undefined) return;
  throw new AdminError(
    409,
    'login-taken',
    `The login ${loginId} is in use; logins are unique across all companies.`,
  );
}

/** RFC 7396: `null` removes, objects are merged, everything else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
