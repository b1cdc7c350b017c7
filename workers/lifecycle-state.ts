import { requestSchema } from '../client';
import { type HubStore } from '../hub';
import { type Entity, type Migration, type RequestRecord } from '../hub/types';
import { type SupportHours } from '../config';
import { supportDayOf } from '../sync/model/support-hours';
import { type LifecycleState, type TokenReceipt, type TokenWindow } from '../workflows/messages';

const OVER: readonly Migration['state'][] = ['completed', 'rejected', 'cancelled', 'failed'];

export function isOver({ state }: Pick<Migration, 'state'>): boolean {
  return OVER.includes(state);
}

/**
 * Where a lifecycle goes on that Temporal does not know any more. What it had been told but had not shown yet
 * is found in the commands that were accepted.
 * @param migrations all of the entity, newest first
 * @param supportHours stand beside the deadline of a request token
 */
export async function lifecycleState(
  store: Pick<HubStore, 'requests' | 'credentials'>,
  entity: Entity,
  migrations: readonly Migration[],
  supportHours: SupportHours,
): Promise<LifecycleState> {
  const window = windowOf(entity, supportHours);
  const receipt = window === undefined ? undefined : await receiptIn(store, entity, window);
  return {
    stage: stageOf(entity, window, receipt),
    strategy: entity.strategy,
    preparation: entity.preparation,
    window,
    receipt,
    migrated: migrations.some(({ state }) => state === 'completed'),
    migration: migrations.find((migration) => !isOver(migration))?.number,
    paused: entity.stage === 'paused',
    offboard: await offboardingOf(store, entity),
    problem: entity.stage === 'needs-reauthorisation' ? entity.healthReason : undefined,
    waitingFor: waitingForOf(entity, migrations[0], receipt),
    refreshTokenExpiresAt: entity.refreshTokenExpiresAt?.getTime(),
  };
}

function windowOf(
  { requestTokenIssuedAt, requestTokenExpiresAt }: Entity,
  supportHours: SupportHours,
): TokenWindow | undefined {
  if (requestTokenIssuedAt === undefined || requestTokenExpiresAt === undefined) return undefined;
  const expiresAt = requestTokenExpiresAt.getTime();
  const support = supportDayOf(supportHours, expiresAt);
  return { issuedAt: requestTokenIssuedAt.getTime(), expiresAt, support };
}

function stageOf(
  { stage }: Entity,
  window: TokenWindow | undefined,
  receipt: TokenReceipt | undefined,
): LifecycleState['stage'] {
  if (stage !== 'exchanging' && stage !== 'awaiting-request-token') return stage;
  if (receipt !== undefined) return 'exchanging';
  return window === undefined ? 'requested' : 'awaiting-request-token';
}

/**
 * The token of this window that the lifecycle has been told of. While it is exchanged it may be gone from the
 * vault, because the exchange was through: its activity finds that out.
 */
async function receiptIn(
  { requests, credentials }: Pick<HubStore, 'requests' | 'credentials'>,
  { id, stage }: Entity,
  window: TokenWindow,
): Promise<TokenReceipt | undefined> {
  if (stage !== 'exchanging' && stage !== 'awaiting-request-token') return undefined;
  const request = accepted(await requests.latest(id, 'token-received'));
  if (request?.kind !== 'token-received' || request.issuedAt !== window.issuedAt) return undefined;
  const { credentialId } = request;
  const isThere = stage === 'exchanging' || (await credentials.takeRequestToken(id, credentialId));
  return isThere === undefined ? undefined : { ...window, credentialId };
}

/** An offboarding that was accepted is never taken back, and must not forget that it was to erase. */
async function offboardingOf(
  { requests }: Pick<HubStore, 'requests'>,
  { id }: Entity,
): Promise<LifecycleState['offboard']> {
  const request = accepted(await requests.latest(id, 'offboard'));
  return request?.kind === 'offboard' ? { erase: request.erase } : undefined;
}

/** Undelivered ones are delivered by the sweep. */
function accepted(record: RequestRecord | undefined) {
  if (record?.deliveredAt === undefined || record.refusal !== undefined) return undefined;
  return requestSchema.parse({ ...record.payload, kind: record.kind });
}

function waitingForOf(
  { stage, waitingFor }: Entity,
  newest: Migration | undefined,
  receipt: TokenReceipt | undefined,
): string | undefined {
  if (stage === 'exchanging' || receipt !== undefined) return undefined;
  if (stage !== 'migrating') return waitingFor;
  // Without words the lifecycle opens a migration by itself: the first one, but none after one was turned down.
  if (newest === undefined) return undefined;
  return (
    waitingFor ?? `Support: migration ${newest.number} was ${newest.state}. Plan another one when ready.`
  );
}
