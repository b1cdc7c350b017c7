import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { deadlineWords, NEW_TOKEN_WORDS } from '../sync/model/request-token-words';
import { entityActivities, offboardingActivities, tokenActivities } from './activity-types';
import { troubleOf } from './failures';
import { LifecycleContext } from './lifecycle-context';
import { type LifecycleInput, type LifecycleState, type TokenWindow } from './messages';
import { afterFailedExchange, atStandstill, nextTryAfter, standstillFor } from './standstill';
import { tellScopes, tellStandstill } from './tell-people';
import { instant } from './words';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Before the end of the refresh token, from the farthest to the nearest. */
const EXPIRY_DAYS = [30, 7, 1];

/**
 * One entity for as long as it exists: case open → window for the request token → exchange → first migration
 * → active, and from there kept alive for ever, paused, re-authorised or offboarded (docs/architecture.md,
 * workflows; docs/concur.md §1).
 */
export async function entityLifecycle(input: LifecycleInput): Promise<void> {
  const life = new LifecycleContext(input);
  life.listen();
  while (life.state.stage !== 'offboarded') {
    await step(life);
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof entityLifecycle>({ ...input, state: life.state });
    }
  }
  await condition(allHandlersFinished);
}

/** Runs the present stage until it is over. */
async function step(life: LifecycleContext): Promise<void> {
  if (life.state.offboard !== undefined) return offboard(life);
  const shown = life.state;
  await life.show();
  // A message came meanwhile: what it changed is shown before anything is done about it.
  if (life.state !== shown) return;
  switch (life.state.stage) {
    case 'requested':
      await life.until(() => isAnotherRequest(life.state, shown));
      return;
    case 'awaiting-request-token':
      return awaitRequestToken(life);
    case 'exchanging':
      return exchange(life);
    case 'migrating':
      return migrate(life);
    case 'active':
      return keepActive(life);
    case 'paused':
      return keepPaused(life);
    case 'needs-reauthorisation':
      return awaitReauthorisation(life);
    case 'offboarding':
    case 'offboarded':
      return offboard(life);
  }
}

/** Without a window nothing but a person's settings changes what is shown. */
function isAnotherRequest(now: LifecycleState, shown: LifecycleState): boolean {
  return (
    now.stage !== 'requested' || now.preparation !== shown.preparation || now.strategy !== shown.strategy
  );
}

/** The request token lives 12 h: reminders before its end, and a new window any number of times after it. */
async function awaitRequestToken(life: LifecycleContext): Promise<void> {
  const { window } = life.state;
  if (window === undefined) return backToRequested(life);
  const over = () => life.state.window !== window || life.state.stage !== 'awaiting-request-token';
  const reminders = life.input.reminderMinutes
    .map((minutes) => ({ minutes, at: window.expiresAt - minutes * MINUTE_MS }))
    .filter(({ at }) => at > Date.now())
    .sort((one, other) => one.at - other.at);
  for (const { minutes, at } of reminders) {
    if (await life.until(over, at, `Reminder ${minutes} min before the request token expires`)) return;
    await life.tell(
      'request-token-reminder',
      `The request token expires in ${minutes} minutes: submit it ${deadlineWords(window, Date.now())}.`,
      window.expiresAt,
    );
  }
  if (await life.until(over, window.expiresAt, 'Request token expires')) return;
  await life.tell(
    'request-token-expired',
    `No request token arrived within its lifetime, which ended at ${instant(window.expiresAt)}. Ask Concur for a new one and open a new window${receivingHint(window)}.`,
  );
  backToRequested(life);
}

function backToRequested(life: LifecycleContext): void {
  const stage = life.state.migrated ? 'needs-reauthorisation' : 'requested';
  life.change({ stage, window: undefined, receipt: undefined, waitingFor: NEW_TOKEN_WORDS });
}

function receivingHint({ support }: TokenWindow): string {
  return support === undefined ? '' : `; support receives tokens ${support.hours}`;
}

async function exchange(life: LifecycleContext): Promise<void> {
  const { receipt } = life.state;
  if (receipt === undefined) return backToRequested(life);
  life.retryAsked = false;
  const timeLeft = Math.max(MINUTE_MS, receipt.expiresAt - Date.now());
  try {
    const granted = await tokenActivities('Exchange the request token', {
      scheduleToCloseTimeout: timeLeft,
    }).exchangeRequestToken({ entityId: life.entityId, credentialId: receipt.credentialId });
    life.change({
      stage: life.state.migrated ? 'active' : 'migrating',
      receipt: undefined,
      window: undefined,
      problem: undefined,
      stopped: undefined,
      stopTold: undefined,
      waitingFor: undefined,
      refreshTokenExpiresAt: granted.refreshTokenExpiresAt,
      nextRefreshAt: nextRenewal(life),
    });
    await life.tell('connected', 'The request token was exchanged; the connection to Concur is open.');
    await tellScopes(life, granted);
  } catch (error) {
    await exchangeFailed(life, receipt.expiresAt, error);
  }
}

async function exchangeFailed(life: LifecycleContext, expiresAt: number, error: unknown): Promise<void> {
  const trouble = troubleOf(error);
  await life.tell('exchange-failed', trouble.message);
  if (Date.now() >= expiresAt) {
    life.change({ problem: trouble.message });
    return backToRequested(life);
  }
  if (trouble.code === 'ReauthorisationRequired') {
    // Perhaps a slip of whoever pasted it: the right one is good as long as the window is open.
    return life.change({
      stage: 'awaiting-request-token',
      receipt: undefined,
      problem: trouble.message,
      waitingFor:
        'Support: the request token was not taken. Hand in the right one, or ask Concur for a new one.',
    });
  }
  // Somebody has to correct something; the token stays good until its window ends.
  const { receipt } = life.state;
  life.change({ problem: trouble.message, waitingFor: afterFailedExchange(trouble) });
  await life.show();
  const again = () => life.retryAsked || life.state.receipt !== receipt;
  if (await life.until(again, expiresAt, 'Request token expires')) return;
  backToRequested(life);
}

async function migrate(life: LifecycleContext): Promise<void> {
  if (life.state.migrated) return life.change({ stage: 'active', waitingFor: undefined });
  const { strategy, migration } = life.state;
  if (strategy === undefined) {
    await life.until(() => life.state.strategy !== undefined);
    return;
  }
  if (migration === undefined && life.state.waitingFor === undefined) {
    const number = await entityActivities(`Open the migration "${strategy}"`).openMigration({
      entityId: life.entityId,
      strategy,
    });
    // It may have been decided before its number reached us.
    if (life.state.migrated || life.state.waitingFor !== undefined) return;
    const waitingFor =
      strategy === 'none'
        ? 'Nobody: all profiles are being read from Concur.'
        : `Support: review the plan of migration ${number} and approve it.`;
    return life.change({ migration: number, waitingFor });
  }
  const before = life.state;
  await life.until(() => life.state !== before);
}

async function keepActive(life: LifecycleContext): Promise<void> {
  if (life.state.paused) return life.change({ stage: 'paused' });
  const { stopped } = life.state;
  if (stopped === undefined) {
    await entityActivities('Start the loops').startLoops({
      entityId: life.entityId,
      failing: life.state.problem !== undefined,
    });
  } else {
    await entityActivities('Park the loops').pauseLoops({ entityId: life.entityId });
    await tellStandstill(life, 'connection-stopped');
  }
  await keepAlive(
    life,
    () => life.state.stage !== 'active' || life.state.paused || life.state.stopped !== stopped,
  );
}

async function keepPaused(life: LifecycleContext): Promise<void> {
  if (!life.state.paused) return life.change({ stage: 'active' });
  await entityActivities('Pause the loops').pauseLoops({ entityId: life.entityId });
  await keepAlive(life, () => life.state.stage !== 'paused' || !life.state.paused);
}

/** A refresh a day keeps the six months of the refresh token from running out (docs/concur.md §1). */
async function keepAlive(life: LifecycleContext, over: () => boolean): Promise<void> {
  if (!life.isKeptAlive && life.state.stopped === undefined) return watchExpiry(life, over);
  const due = life.state.nextRefreshAt ?? Date.now() + life.renewalInterval;
  // Who has seen to what stands in the way need not wait.
  const asked = () => life.retryAsked && life.state.stopped !== undefined;
  if ((await life.until(() => over() || asked(), due, 'Renew the refresh token')) && !asked()) return;
  await renew(life);
  await tellExpiry(life);
}

/** Sleeps until the end of the refresh token, as far as it is known, comes so near that people are told. */
async function watchExpiry(life: LifecycleContext, over: () => boolean): Promise<void> {
  const { refreshTokenExpiresAt: expiresAt } = life.state;
  if (expiresAt === undefined) {
    await life.until(over);
    return;
  }
  const marks = [...EXPIRY_DAYS, 0].map((days) => expiresAt - days * DAY_MS);
  const next = marks.find((mark) => mark > Date.now()) ?? expiresAt;
  if (await life.until(over, next, 'See whether the refresh token ends')) return;
  // Meanwhile calls to Concur may have prolonged it.
  const known = await tokenActivities('See when the refresh token ends').refreshTokenExpiry({
    entityId: life.entityId,
  });
  life.change({ refreshTokenExpiresAt: known.refreshTokenExpiresAt ?? expiresAt });
  await tellExpiry(life);
}

function nextRenewal(life: LifecycleContext): number | undefined {
  return life.isKeptAlive ? Date.now() + life.renewalInterval : undefined;
}

async function renew(life: LifecycleContext): Promise<void> {
  const interval = life.renewalInterval;
  try {
    const renewed = await tokenActivities('Renew the refresh token', {
      scheduleToCloseTimeout: interval,
    }).refreshTokens({ entityId: life.entityId });
    const { stage, stopped, stopTold } = life.state;
    life.change({
      refreshTokenExpiresAt: renewed.refreshTokenExpiresAt ?? life.state.refreshTokenExpiresAt,
      nextRefreshAt: nextRenewal(life),
      problem: undefined,
      ...(stage === 'needs-reauthorisation' ? { stage: 'active' as const } : {}),
      // Loops that run into the same right away are no news.
      ...(stopped === undefined
        ? { stopTold: undefined }
        : { stopped: undefined, stopTold, waitingFor: undefined }),
    });
    await tellScopes(life, renewed);
  } catch (error) {
    const trouble = troubleOf(error);
    const standstill = standstillFor(trouble);
    if (life.state.stopTold !== trouble.message) await life.tell('refresh-failed', trouble.message);
    life.retryAsked = false;
    life.change({
      ...(standstill === undefined
        ? { problem: trouble.message }
        : atStandstill(standstill, trouble.message)),
      nextRefreshAt: Date.now() + nextTryAfter(standstill, interval),
    });
  }
}

/** Each renewal should push the end half a year away; one that comes near says that renewing does not work. */
async function tellExpiry(life: LifecycleContext): Promise<void> {
  const { refreshTokenExpiresAt: expiresAt, expiryTold } = life.state;
  if (expiresAt === undefined || life.state.stage === 'needs-reauthorisation') return;
  const left = expiresAt - Date.now();
  if (left <= 0) {
    const problem = `The refresh token ended at ${instant(expiresAt)} without having been renewed.`;
    return life.change({ ...atStandstill('authorisation', problem), expiryTold: undefined });
  }
  const reached = EXPIRY_DAYS.filter((days) => left <= days * DAY_MS).at(-1);
  if (reached === undefined) return life.change({ expiryTold: undefined });
  if (expiryTold !== undefined && expiryTold <= reached) return;
  life.change({ expiryTold: reached });
  await life.tell(
    'refresh-token-expires',
    `The refresh token ends within ${reached} ${reached === 1 ? 'day' : 'days'}, at ${instant(expiresAt)}, and was not prolonged. ` +
      'See why its renewal fails, or hand in a new request token in time.',
    expiresAt,
  );
}

/** The loops park, changes stay dirty; a new token resumes with nothing lost. */
async function awaitReauthorisation(life: LifecycleContext): Promise<void> {
  let shown = life.state.preparation;
  await entityActivities('Park the loops').pauseLoops({ entityId: life.entityId });
  await tellStandstill(life, 'needs-reauthorisation');
  const isLeft = () => life.state.stage !== 'needs-reauthorisation' || life.state.offboard !== undefined;
  const isNoted = () => life.state.preparation !== shown;
  if (life.state.stopped !== undefined) return keepAlive(life, () => isLeft() || isNoted());
  for (;;) {
    await life.until(() => isLeft() || isNoted());
    if (isLeft()) return;
    shown = life.state.preparation;
    await life.show();
  }
}

async function offboard(life: LifecycleContext): Promise<void> {
  const erase = life.state.offboard?.erase ?? false;
  life.change({ stage: 'offboarding', waitingFor: undefined });
  await life.show();
  await entityActivities('End the loops').stopLoops({ entityId: life.entityId });
  await offboardingActivities('Take down the connection').disconnect({ entityId: life.entityId, erase });
  life.change({ stage: 'offboarded', refreshTokenExpiresAt: undefined, nextRefreshAt: undefined });
  await life.show();
  await life.tell(
    'offboarded',
    erase ? 'Offboarded; all data was erased.' : 'Offboarded; the travellers are kept.',
  );
}
