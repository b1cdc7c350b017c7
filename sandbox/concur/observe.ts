import { channel } from 'node:diagnostics_channel';
import { type FunctionName } from './types';

/** What a careful client never does. */
export type ViolationKind =
  | 'charset'
  | 'secret-in-url'
  | 'chunked'
  | 'missing-correlation-id'
  | 'malformed-correlation-id'
  | 'content-type'
  | 'wrong-origin'
  | 'read-only-element'
  | 'schema'
  | 'bad-query'
  | 'password-in-update'
  | 'southwest-tickets'
  | 'cards-not-read'
  | 'write-to-v1';

interface Happening {
  readonly at: string;
  readonly function: FunctionName;
  /** Of the answer. */
  readonly correlationId: string;
  readonly clientCorrelationId?: string;
  readonly companyUuid?: string;
}

export interface Violation extends Happening {
  readonly kind: ViolationKind;
  /** Never holds a token or a secret. */
  readonly detail: string;
}

/** A value or list element that a POST removed: allowed, but worth looking at. */
export interface Clear extends Happening {
  readonly kind: 'clear';
  readonly uuid: string;
  readonly field: string;
  readonly how: 'empty' | 'empty-container' | 'missing-from-list';
}

export interface CallRecord extends Happening {
  readonly method: string;
  /** Without the query: logins and secrets stand there. */
  readonly path: string;
  readonly status: number;
  /** `ok`, an HTTP status, a reset … */
  readonly outcome: string;
  readonly login?: string;
  /** Codes of a write's answer. */
  readonly codes?: readonly string[];
}

/** Calls per function and outcome. */
export type Counters = Partial<Record<FunctionName, Record<string, number>>>;

/**
 * Each simulated Concur of this process tells here, as `SandboxNews`, what happens to it. So tests learn of
 * violations of sandboxes that somebody else made, also of what a reset has forgotten since.
 */
export const SANDBOX_NEWS = 'concordance:sandbox';
export type SandboxNews =
  | { readonly what: 'created' }
  | { readonly what: 'call' }
  | { readonly what: 'violation'; readonly violation: Violation };

const MOST_CALLS = 2_000;
const MOST_HAPPENINGS = 10_000;

/** What the simulator saw: kept in memory, the oldest go first. */
export class Observations {
  private calls: CallRecord[] = [];
  private violationList: Violation[] = [];
  private clearList: Clear[] = [];
  private counted: Counters = {};
  private readonly news = channel(SANDBOX_NEWS);

  constructor() {
    this.tell({ what: 'created' });
  }

  call(record: CallRecord): void {
    this.tell({ what: 'call' });
    keep(this.calls, record, MOST_CALLS);
    const counters = (this.counted[record.function] ??= {});
    for (const key of [record.outcome, ...(record.codes ?? []).map((code) => `code:${code}`)]) {
      counters[key] = (counters[key] ?? 0) + 1;
    }
  }

  violation(violation: Violation): void {
    this.tell({ what: 'violation', violation });
    keep(this.violationList, violation, MOST_HAPPENINGS);
  }

  cleared(clear: Clear): void {
    keep(this.clearList, clear, MOST_HAPPENINGS);
  }

  get counters(): Counters {
    return structuredClone(this.counted);
  }

  get violations(): readonly Violation[] {
    return [...this.violationList];
  }

  get clears(): readonly Clear[] {
    return [...this.clearList];
  }

  get lastCalls(): readonly CallRecord[] {
    return [...this.calls];
  }

  reset(): void {
    this.calls = [];
    this.violationList = [];
    this.clearList = [];
    this.counted = {};
  }

  private tell(news: SandboxNews): void {
    this.news.publish(news);
  }
}

function keep<T>(list: T[], entry: T, most: number): void {
  list.push(entry);
  // In bulk, so that a full list does not move with every call.
  if (list.length > most * 1.25) list.splice(0, list.length - most);
}
