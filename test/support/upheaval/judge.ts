import { isDeepStrictEqual } from 'node:util';
import { type ApiClient } from '../../../cli/api-client';
import { type SandboxClient, type SandboxProfile } from '../../../cli/sandbox-client';
import { valueAt } from '../../../sync/model/slots';
import { disagreements } from '../chaos/one-to-one';
import { type Person, type Truth } from './edits';

export interface Company {
  readonly entityId: string;
  readonly companyUuid: string;
  readonly travellers: number;
}

export interface Verdict {
  /** Edits whose value is missing on either side. */
  readonly lost: readonly string[];
  /** Travellers, profiles, UUIDs and logins that are not there exactly once. */
  readonly duplicated: readonly string[];
  /** Fields that nobody edited and that are not on both sides what they were. */
  readonly wronglyChanged: readonly string[];
}

/** Fields that are edited, as paths; everything else has to stay. */
const EDITED = ['air.mealCode', 'hotel.roomType', 'general.jobTitle', 'general.costCenter'];
/** What Concur itself fills in or counts. */
const CONCURS_OWN = ['general.ruleClass', 'general.userName'];

/** Profiles by UUID, as they were before the upheaval. */
export async function snapshot(
  sandbox: SandboxClient,
  { companyUuid }: Company,
): Promise<Map<string, SandboxProfile>> {
  return new Map((await sandbox.profiles(companyUuid)).map((profile) => [profile.uuid, profile]));
}

/** Compares both sides with the truth, and with what there was before. */
export async function judge(
  api: ApiClient,
  sandbox: SandboxClient,
  company: Company,
  people: readonly Person[],
  truth: Truth,
  before: ReadonlyMap<string, SandboxProfile>,
): Promise<Verdict> {
  const profiles = await snapshot(sandbox, company);
  const travellers = new Map((await api.travellers(company.entityId)).map((each) => [each.id, each]));
  const lost: string[] = [];
  for (const { id, uuid } of people) {
    const { roomType, jobTitle } = truth.hub.get(id) ?? {};
    const { mealCode, costCenter } = truth.concur.get(id) ?? {};
    const wanted = { 'hotel.roomType': roomType, 'general.jobTitle': jobTitle };
    const all = { ...wanted, 'air.mealCode': mealCode, 'general.costCenter': costCenter };
    for (const [field, value] of Object.entries(all)) {
      if (value === undefined) continue;
      const path = field.split('.');
      if (valueAt(travellers.get(id), path) !== value) lost.push(`${id} ${field}: not in the hub`);
      if (valueAt(profiles.get(uuid)?.sections, path) !== value) lost.push(`${id} ${field}: not in Concur`);
    }
  }
  const disagreeing = await disagreements(api, sandbox, company);
  const counts = disagreeing.filter((words) => words.includes(' instead of '));
  const wronglyChanged = disagreeing.filter((words) => !counts.includes(words));
  for (const [uuid, { sections }] of before) {
    const now = leaves(profiles.get(uuid)?.sections);
    for (const [path, value] of leaves(sections)) {
      if ([...EDITED, ...CONCURS_OWN].includes(path) || isDeepStrictEqual(now.get(path), value)) continue;
      wronglyChanged.push(`${uuid} ${path}: ${now.has(path) ? 'is another' : 'is gone'}`);
    }
  }
  return { lost, duplicated: counts, wronglyChanged };
}

/** Values by path; a list is one value, in an order that says nothing. */
function leaves(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  if (Array.isArray(value))
    return new Map([[path.join('.'), value.map((each) => JSON.stringify(each)).sort()]]);
  if (typeof value !== 'object' || value === null) return new Map([[path.join('.'), value]]);
  return new Map(Object.entries(value).flatMap(([name, each]) => [...leaves(each, [...path, name])]));
}
