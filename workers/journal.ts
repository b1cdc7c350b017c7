import { type Logger } from 'pino';
import { type CallRecord } from '../concur';
import { type Calls } from '../hub';

type JournalEntry = Parameters<Calls['add']>[0][number];

const FLUSH_AFTER_MS = 1_000;
/** After the store refused: it may be away for a while. */
const RETRY_AFTER_MS = 5_000;
const FLUSH_AT = 200;
/** At the most 30 kB each, if all of them failed. */
export const MOST_BUFFERED = 2_000;

export interface CallJournalParts {
  readonly calls: Pick<Calls, 'add'>;
  readonly log: Logger;
  /** Ids that sort by time, so that lists by id are in the order of calls. */
  readonly ids: { next(): string };
}

/**
 * Keeps one row per call to Concur (docs/concur.md §2: at least seven days): collected and written in
 * batches behind the calls, which it neither holds up nor fails. While the store is away the latest calls are
 * kept; beyond {@link MOST_BUFFERED} the oldest are dropped, and how many is logged.
 */
export class CallJournal {
  private entries: JournalEntry[] = [];
  private dropped = 0;
  private isRetrying = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<boolean> | undefined;

  constructor(private readonly parts: CallJournalParts) {}

  note(entityId: string, call: CallRecord): void {
    this.entries.push(entryOf(this.parts.ids.next(), entityId, call));
    this.dropBeyondLimit();
    const isFull = this.entries.length >= FLUSH_AT && !this.isRetrying;
    if (isFull && this.writing === undefined) void this.write();
    else this.timer ??= this.later(FLUSH_AFTER_MS);
  }

  /** Writes what is there; what the store does not take is given up. For the end of a process. */
  async flush(): Promise<void> {
    await this.writing;
    while (this.entries.length > 0 && (await this.write())) {
      // The next batch.
    }
    this.stopTimer();
    this.dropped += this.entries.length;
    this.entries = [];
    this.tellDropped();
  }

  private write(): Promise<boolean> {
    this.writing ??= this.writeBatch().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  /** @returns whether the store took a batch */
  private async writeBatch(): Promise<boolean> {
    this.stopTimer();
    const batch = this.entries.splice(0, FLUSH_AT);
    try {
      await this.parts.calls.add(batch);
      this.isRetrying = false;
    } catch (error) {
      const { log } = this.parts;
      log.warn({ err: error, calls: batch.length }, 'calls could not be written to the journal; tried again');
      this.entries.unshift(...batch);
      this.isRetrying = true;
      this.dropBeyondLimit();
    }
    if (!this.isRetrying) this.tellDropped();
    if (this.entries.length > 0) this.timer ??= this.later(this.isRetrying ? RETRY_AFTER_MS : 0);
    return !this.isRetrying;
  }

  private later(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.timer = undefined;
      void this.write();
    }, milliseconds);
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private dropBeyondLimit(): void {
    const beyond = this.entries.length - MOST_BUFFERED;
    if (beyond <= 0) return;
    this.entries.splice(0, beyond);
    this.dropped += beyond;
  }

  private tellDropped(): void {
    if (this.dropped === 0) return;
    this.parts.log.warn({ calls: this.dropped }, 'the oldest calls were dropped from the journal');
    this.dropped = 0;
  }
}

function entryOf(id: string, entityId: string, call: CallRecord): JournalEntry {
  const { user, evidence, status, correlationId, failure, serverDate } = call;
  const isPersonal = user !== undefined || evidence !== undefined;
  return {
    id,
    entityId,
    at: call.startedAt,
    system: 'concur',
    function: call.function,
    method: call.method,
    origin: call.origin,
    route: call.template,
    durationMs: call.durationMs,
    correlationIdSent: call.correlationIdSent,
    ...(status === undefined ? {} : { status }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(failure === undefined ? {} : { errorCode: failure }),
    ...(serverDate === undefined ? {} : { serverDate }),
    ...(isPersonal
      ? {
          content: {
            ...(user === undefined ? {} : { user }),
            ...(evidence === undefined ? {} : { exchange: evidence }),
          },
        }
      : {}),
  };
}
