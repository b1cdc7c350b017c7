import { isDeepStrictEqual } from 'node:util';
import { type ApiClient } from '../../../cli/api-client';
import { type SandboxClient } from '../../../cli/sandbox-client';
import { valueAt } from '../../../sync/model/slots';

export interface Company {
  readonly entityId: string;
  readonly companyUuid: string;
  readonly travellers: number;
}

/** Read on both sides one by one; `concur` is what the simulated Concur keeps, not what the hub thinks of it. */
const COMPARED = [
  ['general', 'firstName'],
  ['general', 'lastName'],
  ['general', 'companyEmployeeId'],
  ['general', 'jobTitle'],
  ['emailAddresses'],
  ['passports'],
  ['nationalIds'],
  ['tsaInfo'],
  ['addresses'],
  ['air'],
  ['hotel'],
  ['customFields'],
] as const;

/**
 * What is wrong between hub and simulated Concur, in words: every traveller has a profile of its own, every
 * profile and login is there once, and the compared fields are the same. Empty when all is well.
 */
export async function disagreements(
  api: ApiClient,
  sandbox: SandboxClient,
  { entityId, companyUuid, travellers: expected }: Company,
): Promise<string[]> {
  const travellers = await api.travellers(entityId);
  const profiles = await sandbox.profiles(companyUuid);
  const byUuid = new Map(profiles.map((profile) => [profile.uuid, profile]));
  const counts = {
    'travellers in the hub': travellers.length,
    'different traveller ids': new Set(travellers.map(({ id }) => id)).size,
    'different Concur UUIDs in the hub': new Set(travellers.map(({ concurUuid }) => concurUuid ?? undefined))
      .size,
    'profiles in Concur': profiles.length,
    'different UUIDs in Concur': byUuid.size,
    'different logins in Concur': new Set(profiles.map(({ loginId }) => loginId.toLowerCase())).size,
    'different employee ids in Concur': new Set(
      profiles.map(({ sections }) => valueAt(sections, ['general', 'companyEmployeeId'])),
    ).size,
  };
  const wrong = Object.entries(counts)
    .filter(([, count]) => count !== expected)
    .map(([what, count]) => `${what}: ${count} instead of ${expected}`);
  for (const traveller of travellers) {
    const profile = byUuid.get(traveller.concurUuid ?? '');
    if (profile === undefined) {
      wrong.push(
        `${traveller.id}: bound to ${traveller.concurUuid ?? 'nothing'}, which Concur does not have`,
      );
      continue;
    }
    if (profile.loginId !== traveller.username) wrong.push(`${traveller.id}: has the login of somebody else`);
    for (const path of COMPARED) {
      const [hub, concur] = [plain(valueAt(traveller, path)), plain(valueAt(profile.sections, path))];
      if (!isDeepStrictEqual(hub, concur)) wrong.push(`${traveller.id}: ${path.join('.')} differs`);
    }
  }
  return wrong;
}

/** Without the hub's own keys of list elements, and lists in an order that says nothing. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => JSON.stringify(plain(each))).sort();
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'key')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, plain(each)]),
  );
}
