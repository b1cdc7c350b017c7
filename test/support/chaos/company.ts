import { type ApiClient } from '../../../cli/api-client';
import { type Migration } from '../../../cli/api-types';
import { isApiProblem } from '../../../cli/errors';
import { type SandboxClient } from '../../../cli/sandbox-client';
import { DEMO } from '../../../cli/tour/scene';
import { tourTravellers } from '../../../cli/tour/travellers';
import { type Company } from './one-to-one';
import { waitUntil } from '../wait-until';

const WRITERS = 8;

/** The two sides of a company. */
export interface Sides {
  readonly api: ApiClient;
  readonly sandbox: SandboxClient;
}

/** Makes the company on both sides, writes its travellers, hands in a request token; @returns the plan. */
export async function planCompany(
  { api, sandbox }: Sides,
  { entityId, companyUuid, travellers }: Company,
  tail: () => string,
): Promise<Migration> {
  const { name, companyId, travelConfigId, ids } = DEMO;
  await sandbox.putCompany({ companyUuid, name, companyId, travelConfigIds: [travelConfigId] });
  await api.addEntity({ id: entityId, name, companyUuid, travelConfigId, ids, strategy: 'publish' });
  const queue = tourTravellers(travellers).values();
  const write = async (): Promise<void> => {
    for (const { id, ...traveller } of queue) await api.putTraveller(entityId, id, traveller);
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  await api.openWindow(entityId);
  const { requestToken } = await sandbox.issueRequestToken(companyUuid);
  await api.submitToken(entityId, requestToken);
  return untilMigration(
    api,
    entityId,
    'the plan',
    120_000,
    tail,
    ({ state }) => state === 'awaiting-approval',
  );
}

export async function approve(api: ApiClient, entityId: string, plan: Migration): Promise<void> {
  await api.decide(entityId, plan.number, 'approve', { digest: plan.digest });
}

/** Waits until the first migration is as wanted; the message says how it stood last. */
export async function untilMigration(
  api: ApiClient,
  entityId: string,
  what: string,
  timeoutMs: number,
  tail: () => string,
  wanted: (migration: Migration) => boolean,
): Promise<Migration> {
  let last: Migration | undefined;
  try {
    await waitUntil(
      what,
      async () => {
        [last] = await migrationsOf(api, entityId);
        return last !== undefined && wanted(last);
      },
      timeoutMs,
    );
  } catch (error) {
    const seen = JSON.stringify(last ?? 'no migration');
    throw new Error(`${error instanceof Error ? error.message : String(error)}; last: ${seen}${tail()}`);
  }
  if (last === undefined) throw new Error('no migration');
  return last;
}

/** None while the entity itself is not there yet. */
async function migrationsOf(api: ApiClient, entityId: string): Promise<Migration[]> {
  try {
    return await api.migrations(entityId);
  } catch (error) {
    if (isApiProblem(error) && error.status === 404) return [];
    throw error;
  }
}

/** Somewhere in the middle of a mass publish. */
export function isInTheMiddle({ counts }: Migration): boolean {
  return counts.done >= 20 && counts.done <= 180;
}
