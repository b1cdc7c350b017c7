import { Context } from '@temporalio/activity';
import { isMigrationOpen } from '../hub';
import { type Stage, type Strategy } from '../hub/types';
import { deadlineWords } from '../sync/model/request-token-words';
import { type TokenWindow } from '../workflows/messages';
import { type ActivityDeps } from './deps';
import { endWork } from './end-work';
import { translated } from './failures';
import { revokeOrGiveUp } from './revocation';
import { pollRhythm } from './sync';

export interface StageProjection {
  readonly entityId: string;
  readonly stage: Stage;
  /** In words: whose turn it is. */
  readonly waitingFor: string;
  readonly problem?: string;
  readonly window?: TokenWindow;
  /** Neither direction runs, whatever the stage. */
  readonly stopped?: true;
}

export interface EventInput {
  readonly id: string;
  readonly entityId: string;
  readonly kind: string;
  /** In words, without personal data. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dueAt?: number;
}

/** What an entity's lifecycle does to our own database and to its loops. */
export interface EntityActivities {
  projectStage(projection: StageProjection): Promise<void>;
  recordEvent(event: EventInput): Promise<void>;
  openMigration(input: { entityId: string; strategy: Strategy }): Promise<number>;
  /** `failing`: what the lifecycle has shown as a problem stands until the next poll. */
  startLoops(input: { entityId: string; failing?: boolean }): Promise<void>;
  pauseLoops(input: { entityId: string }): Promise<void>;
  /** The loops for good, and a migration that is open. */
  stopLoops(input: { entityId: string }): Promise<void>;
  disconnect(input: { entityId: string; erase: boolean }): Promise<void>;
}

export function createEntityActivities(deps: ActivityDeps): EntityActivities {
  const { store, engine, clock } = deps;
  return {
    projectStage: (projection) => translated(() => projectStage(deps, projection)),

    recordEvent: (event) =>
      translated(async () => {
        const { at, dueAt, ...rest } = event;
        const isNew = await store.events.add({
          ...rest,
          at: new Date(at),
          ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt) }),
        });
        deps.log.info({ entityId: event.entityId, kind: event.kind }, event.message);
        if (isNew) await deps.notify?.({ ...rest, at: new Date(at).toISOString() });
      }),

    openMigration: ({ entityId, strategy }) =>
      translated(async () => {
        const number = await openOrExisting(deps, entityId, strategy);
        await engine.startMigration(entityId, number);
        return number;
      }),

    startLoops: ({ entityId, failing = false }) =>
      translated(async () => {
        if (!failing) await store.entities.setState(entityId, { health: 'ok', healthReason: null });
        await pollRhythm(deps, entityId);
        await engine.startLoops(entityId);
      }),
    pauseLoops: ({ entityId }) => translated(() => engine.pauseLoops(entityId)),
    stopLoops: ({ entityId }) => translated(() => endWork(deps, entityId)),

    disconnect: ({ entityId, erase }) =>
      translated(async () => {
        await revoke(deps, entityId);
        await store.credentials.shred(entityId);
        if (erase) await store.entities.shred(entityId, { now: clock.now() });
      }),
  };
}

/** A retried activity, or a person who was quicker, has opened it already: that one it is. */
async function openOrExisting(deps: ActivityDeps, entityId: string, strategy: Strategy): Promise<number> {
  try {
    const { number } = await deps.store.migrations.create(entityId, strategy, { now: deps.clock.now() });
    return number;
  } catch (error) {
    if (!isMigrationOpen(error)) throw error;
    const open = await deps.store.migrations.latest(entityId);
    if (open === undefined) throw error;
    return open.number;
  }
}

async function projectStage(deps: ActivityDeps, projection: StageProjection): Promise<void> {
  const { entityId, stage, waitingFor, problem, window, stopped = false } = projection;
  const closed = stage === 'requested' || stage === 'offboarded' || stopped;
  await noteStage(deps, projection);
  await deps.store.entities.setState(entityId, {
    stage,
    waitingFor,
    ...(problem === undefined ? {} : { health: 'failing' as const, healthReason: problem }),
    requestTokenIssuedAt: window === undefined ? null : new Date(window.issuedAt),
    requestTokenExpiresAt: window === undefined ? null : new Date(window.expiresAt),
    ...(closed || stage === 'needs-reauthorisation' || stage === 'paused' ? { nextPollAt: null } : {}),
    ...(stage === 'offboarded' ? { refreshTokenExpiresAt: null } : {}),
  });
}

/** Tells Concur that the connection is over, where there is one. */
async function revoke({ concur, log, store }: ActivityDeps, entityId: string): Promise<void> {
  if (!(await store.credentials.hasRefreshToken(entityId))) return;
  const { attempt } = Context.current().info;
  const outcome = await revokeOrGiveUp(concur(entityId).connection, attempt);
  log.info({ entityId, outcome }, 'the connection was taken down');
}

/** Events tell every change of the stage; the event comes first, so that none is lost by a crash in between. */
async function noteStage(
  { store, clock, ids, notify }: ActivityDeps,
  { entityId, stage, window }: StageProjection,
): Promise<void> {
  const before = await store.entities.get(entityId);
  if (before.stage === stage) return;
  const at = clock.now();
  const awaits = stage === 'awaiting-request-token' && window !== undefined;
  const deadline = awaits ? ` Submit the request token ${deadlineWords(window, at.getTime())}.` : '';
  const event = {
    id: ids.next(),
    entityId,
    kind: 'stage-changed',
    message: `From ${before.stage} to ${stage}.${deadline}`,
  };
  const dueAt = awaits ? { dueAt: new Date(window.expiresAt) } : {};
  await store.events.add({ ...event, at, ...dueAt });
  await notify?.({ ...event, at: at.toISOString() });
}
