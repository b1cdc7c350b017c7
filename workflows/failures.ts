import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { type LoopTrouble } from './messages';

/** What a failed activity means for the workflow: whose trouble it is, and the words to show. */
export interface Trouble {
  readonly cause: LoopTrouble;
  /** Stable code of the failure. */
  readonly code: string;
  readonly message: string;
}

const CAUSES: Readonly<Record<string, LoopTrouble>> = {
  ReauthorisationRequired: 'authorisation',
  AccessDenied: 'access',
  ScopeMissing: 'access',
  Misconfigured: 'configuration',
  NotAllowedOrigin: 'configuration',
  ConcurUnavailable: 'concur-down',
  ConcurThrottled: 'concur-down',
  ConcurTimeout: 'concur-down',
};

/** Reads a failure of an activity; anything unknown is about data until somebody looks at it. */
export function troubleOf(error: unknown): Trouble {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const code = cause.type ?? 'Unknown';
    return { cause: CAUSES[code] ?? 'data', code, message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      cause: 'concur-down',
      code: 'TimedOut',
      message: 'The work took longer than it may and is tried again.',
    };
  }
  return {
    cause: 'data',
    code: 'Unknown',
    message: 'The work failed for an unknown reason; the log of the worker has it.',
  };
}

/** Refuses an Update; the caller sees the type as the problem's code. */
export function refusal(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
