import { type Entity, type Migration, type MigrationStateName, type Stage, type Switches } from '../hub';
import { LIFECYCLE_STAGES, STAYING } from '../sync/model/lifecycle-stages';
import { Problem } from './problem';

/**
 * In which stages of an entity a command makes sense. Checked in SQL before anything is stored; the
 * workflow's own validator has the last word, because SQL may lag behind it.
 */
const STAGES = {
  ...LIFECYCLE_STAGES,
  'change-company': ['requested', 'awaiting-request-token'],
  poll: ['active'],
  publish: ['active'],
  reconcile: ['active'],
  // In which a loop waits for its slot, or will again.
  'change-rhythm': ['active', 'paused', 'needs-reauthorisation'],
  'start-migration': ['migrating', 'active'],
  'approve-migration': ['migrating', 'active', 'paused', 'needs-reauthorisation'],
  'decide-migration': ['migrating', 'active', 'paused', 'needs-reauthorisation'],
  // While a migration may be at work, the interface stays on.
  'switch-off': ['requested', 'awaiting-request-token', 'active', 'paused', 'needs-reauthorisation'],
  'write-travellers': STAYING,
  'change-entity': STAYING,
} as const satisfies Readonly<Record<string, readonly Stage[]>>;

export type StageRule = keyof typeof STAGES;

export function allowsStage({ stage }: Pick<Entity, 'stage'>, rule: StageRule): boolean {
  const allowed: readonly Stage[] = STAGES[rule];
  return allowed.includes(stage);
}

function wayOut({ id, stage }: Pick<Entity, 'id' | 'stage'>, rule: StageRule): string {
  const allowed: readonly Stage[] = STAGES[rule];
  return stage === 'paused' && allowed.includes('active')
    ? ` Resume it first: concordance entity resume ${id}`
    : '';
}

type Asked = Pick<Entity, 'id' | 'stage' | 'interfaceOn' | 'pollingOn'>;

/**
 * The stage, and whether what is asked for is switched on.
 * @throws Problem 409 `wrong-stage`, `interface-off` or `polling-off`
 */
export function requireStage(entity: Asked, rule: StageRule): void {
  if (allowsStage(entity, rule)) return requireSwitches(entity, rule);
  throw new Problem(
    409,
    'wrong-stage',
    `Entity ${entity.id} is in stage ${entity.stage}; this is possible in ${STAGES[rule].join(', ')}.${wayOut(entity, rule)}`,
    { stage: entity.stage },
  );
}

const NEEDS_INTERFACE: ReadonlySet<StageRule> = new Set([
  'open-window',
  'hand-in-token',
  'poll',
  'publish',
  'reconcile',
  'start-migration',
  'approve-migration',
]);

const NEEDS_POLLING: ReadonlySet<StageRule> = new Set(['poll', 'reconcile']);

/** What has to be switched on first (docs/concur.md §8). */
function switchedOff({ interfaceOn, pollingOn }: Asked, rule: StageRule): keyof Switches | undefined {
  if (!interfaceOn && NEEDS_INTERFACE.has(rule)) return 'interfaceOn';
  return !pollingOn && NEEDS_POLLING.has(rule) ? 'pollingOn' : undefined;
}

/** Whether {@link requireStage} lets it through. */
export function isReady(entity: Asked, rule: StageRule): boolean {
  return allowsStage(entity, rule) && switchedOff(entity, rule) === undefined;
}

function requireSwitches(entity: Asked, rule: StageRule): void {
  const key = switchedOff(entity, rule);
  if (key === undefined) return;
  const { id } = entity;
  const { code, what } = SWITCHES[key];
  throw new Problem(
    409,
    code,
    `${what} is off for entity ${id}. Switch it on first: concordance entity set ${id} ${key}=true`,
  );
}

const SWITCHES = {
  interfaceOn: { code: 'interface-off', what: 'The interface to Concur' },
  pollingOn: { code: 'polling-off', what: 'Polling' },
} as const satisfies Readonly<Record<keyof Switches, { code: string; what: string }>>;

/** In which states of a migration a decision about it makes sense. */
const MIGRATION_STATES = {
  approve: ['awaiting-approval'],
  'approve deactivate-old': ['awaiting-final-approval'],
  reject: ['awaiting-approval'],
  cancel: ['planning', 'awaiting-approval', 'executing', 'verifying', 'awaiting-final-approval'],
} as const satisfies Readonly<Record<string, readonly MigrationStateName[]>>;

export type MigrationDecision = keyof typeof MIGRATION_STATES;

/** Whether anything may still come of it: as long as it can be cancelled. */
export function isMigrationUnderWay({ state }: Pick<Migration, 'state'>): boolean {
  const open: readonly MigrationStateName[] = MIGRATION_STATES.cancel;
  return open.includes(state);
}

/** @throws Problem 409 `wrong-migration-state` */
export function requireMigrationState(
  migration: Pick<Migration, 'number' | 'state'>,
  decision: MigrationDecision,
): void {
  const allowed: readonly MigrationStateName[] = MIGRATION_STATES[decision];
  if (allowed.includes(migration.state)) return;
  throw new Problem(
    409,
    'wrong-migration-state',
    `Migration ${migration.number} is ${migration.state}; to ${decision} it must be ${allowed.join(', ')}.`,
    { state: migration.state },
  );
}
