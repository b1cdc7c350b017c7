import { patched } from '@temporalio/workflow';
import { type Trouble } from './failures';
import { type LifecycleState } from './messages';

const HOUR_MS = 3_600_000;

/** What only people can end, and so nobody calls Concur about in a loop. */
export type Standstill = 'authorisation' | 'access' | 'configuration';

/**
 * Whether a failure stops both directions until somebody has acted (docs/concur.md §1, whose turn). Call it
 * once for a failure: workflows from before access and configuration stopped anything go on as they began.
 */
export function standstillFor({ cause }: Trouble): Standstill | undefined {
  if (cause === 'authorisation') return cause;
  if (cause !== 'access' && cause !== 'configuration') return undefined;
  if (patched('people-stop-the-loops')) return cause;
  return cause === 'access' ? 'authorisation' : undefined;
}

/**
 * What a failed renewal, or a loop that is no longer let in, makes of the entity. A dead connection waits for
 * a new request token. One that Concur or the client company has closed is kept, and so is one that our
 * settings stand in the way of; both are tried again at a slow pace and when the entity is resumed.
 */
export function atStandstill(kind: Standstill, problem: string): Partial<LifecycleState> {
  switch (kind) {
    case 'authorisation':
      return { stage: 'needs-reauthorisation', problem, waitingFor: undefined, stopped: undefined };
    case 'access':
      return {
        stage: 'needs-reauthorisation',
        problem,
        stopped: kind,
        waitingFor: `${problem} Then resume the entity, or wait: it is tried again once a day. Where the connection was revoked, submit a new request token.`,
      };
    case 'configuration':
      return {
        problem,
        stopped: kind,
        waitingFor: `Operator: ${problem} Then resume the entity, or wait: it is tried again every hour.`,
      };
  }
}

/**
 * Whether a loop that failed many times in a row waits for somebody to look. An outage of Concur's does not:
 * it passes by itself, however long it lasts (docs/architecture.md, classes of failure).
 */
export function parksAfterMany({ cause }: Trouble): boolean {
  return cause !== 'concur-down' || !patched('outages-do-not-park');
}

/** What a loop that stops tells the lifecycle. */
export function lostFor(
  kind: Standstill,
  { message }: Trouble,
): { reason: string; cause?: 'access' | 'configuration' } {
  return { reason: message, ...(kind === 'authorisation' ? {} : { cause: kind }) };
}

/** When a connection is tried next after a failure, milliseconds from now. */
export function nextTryAfter(kind: Standstill | undefined, interval: number): number {
  return kind === 'configuration' ? Math.min(interval, HOUR_MS) : interval;
}

/** Whose turn it is after an exchange that failed while the request token is still good. */
export function afterFailedExchange({ cause, message }: Trouble): string {
  const who = cause === 'access' ? '' : cause === 'concur-down' ? 'Support: ' : 'Operator: ';
  return `${who}${message} Then resume the entity.`;
}
