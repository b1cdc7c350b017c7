import { randomUUID } from 'node:crypto';
import { type Logger } from 'pino';
import { type CallRecord } from '../concur';
import { type Calls } from '../hub';

type JournalEntry = Parameters<Calls['add']>[0][number];

const FLUSH_AFTER_MS = 1_000;
const FLUSH_AT = 200;

/**
 * Keeps one row per call to Concur (docs/concur.md §2: at least seven days): collected and written in
 * batches, so that the journal never slows a call. A row that cannot be written is logged and dropped; the
 * call itself does not depend on it.
 */
export class CallJournal {
  private entries: JournalEntry[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly calls: Calls,
    private readonly log: Logger,
  ) {}

  note(entityId: string, call: CallRecord): void {
    this.entries.push({
      id: randomUUID(),
      entityId,
      at: call.startedAt,
      system: 'concur',
      method: call.method,
      route: call.template,
      durationMs: call.durationMs,
      correlationId: call.correlationId ?? call.correlationIdSent,
      ...(call.status === undefined ? {} : { status: call.status }),
      ...(call.outcome === 'answered' ? {} : { errorCode: call.outcome }),
    });
    if (this.entries.length >= FLUSH_AT) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const entries = this.entries;
    this.entries = [];
    if (entries.length === 0) return;
    try {
      await this.calls.add(entries);
    } catch (error) {
      this.log.warn({ err: error, calls: entries.length }, 'calls could not be written to the journal');
    }
  }
}
