import { type OutcomeMessage } from '../../concur/types';

/**
 * How a failure is met (docs/architecture.md, failure classes): `retry` passes by itself, `person` needs
 * somebody, `record` concerns one traveller only and never stops the others.
 */
export type FailureClass = 'retry' | 'person' | 'record';

/** What every typed failure of a port carries; told by shape, so that the engine knows no client. */
export interface ClassifiedFailure extends Error {
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly correlationId?: string;
  /** Concur's path of the field that failed. */
  readonly field?: string;
  readonly messages?: readonly OutcomeMessage[] | undefined;
}

export function isClassified(error: unknown): error is ClassifiedFailure {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'failureClass' in error &&
    (error.failureClass === 'retry' || error.failureClass === 'person' || error.failureClass === 'record')
  );
}

export function isRecordFailure(error: unknown): error is ClassifiedFailure {
  return isClassified(error) && error.failureClass === 'record';
}

export function isTransientFailure(error: unknown): error is ClassifiedFailure {
  return isClassified(error) && error.failureClass === 'retry';
}

/** A failure that the engine itself finds about one traveller. */
export class RecordFailure extends Error implements ClassifiedFailure {
  readonly failureClass = 'record';
  readonly field?: string;
  readonly correlationId?: string;

  /** @param reason in words, without personal data */
  constructor(
    readonly code: string,
    reason: string,
    details: { readonly field?: string; readonly correlationId?: string } = {},
  ) {
    super(reason);
    this.name = 'RecordFailure';
    if (details.field !== undefined) this.field = details.field;
    if (details.correlationId !== undefined) this.correlationId = details.correlationId;
  }
}

export interface FailureWords {
  readonly code: string;
  readonly reason: string;
  readonly field?: string;
  readonly correlationId?: string;
  /** Concur's own text; may hold personal data, stored sealed. */
  readonly message?: string;
}

/** A failure as the quarantine keeps it. */
export function wordsOf(failure: ClassifiedFailure): FailureWords {
  const first = failure.messages?.[0];
  const field = failure.field ?? first?.field;
  const correlationId = failure.correlationId ?? first?.correlationId;
  return {
    code: failure.code,
    reason: failure.message,
    ...(field === undefined ? {} : { field }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(first === undefined ? {} : { message: first.message }),
  };
}
