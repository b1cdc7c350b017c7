import {
  type ProfileRead,
  type ProfileSummary,
  type SummaryPage,
  type SummaryQuery,
} from '../../concur/types';
import { type Entity, type PullProgress } from '../../hub/types';
import { type ConcurSide, withCards } from './concur-side';
import { isRecordFailure, isTransientFailure, RecordFailure } from './failures';
import { AdaptiveLimit, settleAll } from './pool';
import { type EngineDeps, type EngineSettings, type Glimpse } from './ports';
import { type Candidate, type PulledRow, type Stored, storePulled } from './pull-store';
import { demandListed, listedAs } from './listed-as';
import { lookalikesOf, mayBeRenamed } from './rename';

/** SAP's word for "everything" in the summary list (docs/concur.md §3). */
export const EVERYTHING = new Date('1900-01-01T12:00:00Z');

const ITEMS_PER_PAGE = 200;
const MAX_VERIFY_PASSES = 3;
const MAX_ROUNDS = 5;
const READ_ATTEMPTS = 3;
const RETRY_BATCH = 200;
/**
 * A content read this much after a change surely holds it, by Concur's own clock; before that the profile
 * is read again, so that a lagging replica costs a call and not an edit.
 */
const CONSISTENCY_MARGIN_MS = 60_000;
const DEFER_WAIT_MS = 1_000;

export interface PullOptions {
  readonly requestId?: string;
  /** Read again from this instant of Concur's clock; the cursor then may move backwards. */
  readonly since?: Date;
  /** Called after each page, so that a long pull shows that it lives. */
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface PullResult {
  readonly seen: number;
  readonly changed: number;
  readonly quarantined: number;
  /** False when verify passes still met unseen rows: the cursor stayed, the next poll goes on. */
  readonly settled: boolean;
  /** Rows of the list that named no login: such profiles cannot be read. */
  readonly withoutLogin: number;
}

/**
 * One poll: everything that Concur changed since the cursor arrives in the hub (docs/architecture.md,
 * "Pulling"). Resumes after a crash where the last committed page ended.
 * @throws the port's failure when Concur, the connection or the store fails; progress is kept
 */
export async function pullOnce(
  deps: EngineDeps,
  settings: EngineSettings,
  entityId: string,
  options: PullOptions = {},
): Promise<PullResult> {
  const entity = await deps.store.entity(entityId);
  const run = new PullRun(deps, settings, entity, options);
  return run.execute();
}

/**
 * Reads single logins, whatever their stamps, and stores them as a poll does. Nothing is noted of how far a
 * poll has come: one may be under way.
 * @throws the port's failure when Concur, the connection or the store fails
 */
export async function pullLogins(
  deps: EngineDeps,
  settings: EngineSettings,
  entityId: string,
  logins: readonly string[],
): Promise<Pick<PullResult, 'changed' | 'quarantined'>> {
  const entity = await deps.store.entity(entityId);
  return new PullRun(deps, settings, entity, {}).readOnly(logins);
}

/** Whether what was read of a profile at `seenAt` surely holds the change of that stamp. */
export function covers(seenAt: Date | undefined, modifiedAt: Date): boolean {
  return seenAt !== undefined && seenAt.getTime() >= modifiedAt.getTime() + CONSISTENCY_MARGIN_MS;
}

/** What a poll, or whoever looks at all of Concur, asks the summary list for. */
export function listQuery(
  entity: Entity,
  settings: EngineSettings,
  { since, page }: Pick<SummaryQuery, 'since' | 'page'>,
): SummaryQuery {
  return {
    since,
    page,
    itemsPerPage: ITEMS_PER_PAGE,
    ...(settings.byTravelConfig ? { travelConfigIds: [entity.travelConfigId] } : {}),
    ...(settings.statusFilter === undefined ? {} : { statusFilter: settings.statusFilter }),
  };
}

class PullRun {
  private readonly limit: AdaptiveLimit;
  private readonly startedAt: Date;
  /** Rows handled in this run: login → stamp. */
  private readonly handled = new Map<string, number>();
  private progress: PullProgress;
  /** Concur's clock minus ours, as the list's answers show it. */
  private skewMs: number | undefined;
  private withoutLogin = 0;

  constructor(
    private readonly deps: EngineDeps,
    private readonly settings: EngineSettings,
    private readonly entity: Entity,
    private readonly options: PullOptions,
  ) {
    this.limit = new AdaptiveLimit(settings.concurrency);
    this.startedAt = deps.clock.now();
    this.progress = firstProgress(entity, options.since);
  }

  async execute(): Promise<PullResult> {
    await this.retryQuarantined();
    for (;;) {
      const complete = await this.pass();
      if (complete) return this.finish(true);
      if (this.progress.pass >= MAX_VERIFY_PASSES) return this.finish(false);
      this.progress = { ...this.progress, pass: this.progress.pass + 1, page: 1, unseen: 0 };
    }
  }

  async readOnly(logins: readonly string[]): Promise<Pick<PullResult, 'changed' | 'quarantined'>> {
    const candidates = logins.map((loginId) => ({ loginId, noted: new Map<string, number>() }));
    const from = this.progress;
    const { changed, quarantined } = await this.readAndStore(candidates, from, false);
    return { changed: changed - from.changed, quarantined: quarantined - from.quarantined };
  }

  /** @returns true when no further verify pass is needed */
  private async pass(): Promise<boolean> {
    const unseenBefore = this.progress.pass > 0;
    let read: ReadPage | undefined = await this.readPage(this.progress.page);
    while (read !== undefined) {
      this.notePage(read);
      read = read.page.rows.length === 0 ? undefined : await this.takePage(read);
    }
    if (!unseenBefore) return !this.progress.verify;
    return this.progress.unseen === 0;
  }

  private query(page: number): SummaryQuery {
    return listQuery(this.entity, this.settings, { since: new Date(this.progress.since), page });
  }

  /** Lists a page and reads its profiles; stores nothing. */
  private async readPage(number: number): Promise<ReadPage> {
    const page = await this.deps.concur.listSummaries(this.query(number));
    const listedAt = this.deps.clock.now();
    if (page.serverDate !== undefined) this.skewMs = page.serverDate.getTime() - listedAt.getTime();
    const fresh = page.rows.filter(
      (row) => this.handled.get(keyOf(row.loginId)) !== row.modifiedAt.getTime(),
    );
    const rows = await this.unsettledRows(fresh);
    for (const row of page.rows) this.handled.set(keyOf(row.loginId), row.modifiedAt.getTime());
    const candidates = await this.withNotedVersions(
      rows.map((row) => ({ loginId: row.loginId, row, noted: new Map<string, number>() })),
    );
    return { number, page, listedAt, rows, pulled: await this.readAll(candidates) };
  }

  private notePage({ page, listedAt }: ReadPage): void {
    if (this.progress.pass === 0) this.withoutLogin += page.withoutLogin ?? 0;
    const startedAt = this.progress.startedAt ?? (page.serverDate ?? listedAt).toISOString();
    const verify = this.progress.verify || page.totalPages > 1;
    this.progress = { ...this.progress, startedAt, verify };
  }

  /**
   * Stores a page with its progress while the next one is read, which takes effect only after it.
   * @returns the next page; undefined after the last one
   */
  private async takePage({ number, page, rows, pulled }: ReadPage): Promise<ReadPage | undefined> {
    const limit = this.progress.startedAt === undefined ? Infinity : Date.parse(this.progress.startedAt);
    const unseen = rows.filter((row) => row.modifiedAt.getTime() <= limit).length;
    const next: PullProgress = {
      ...this.progress,
      page: number + 1,
      seen: this.progress.seen + (this.progress.pass === 0 ? page.rows.length : rows.length),
      unseen: this.progress.unseen + unseen,
    };
    const [stored, ahead] = await Promise.allSettled([
      storePulled(this.deps, this.entity, pulled, { progress: next, last: false, commits: true }),
      number < page.totalPages ? this.readPage(number + 1) : undefined,
    ]);
    this.progress = await this.storeDeferred(valueOf(stored));
    this.options.onProgress?.(this.progress);
    return valueOf(ahead);
  }

  /** Rows whose stamp is not yet covered by what the hub has read. */
  private async unsettledRows(rows: readonly ProfileSummary[]): Promise<ProfileSummary[]> {
    if (rows.length === 0 || this.options.since !== undefined) return [...rows];
    const logins = rows.map((row) => row.loginId);
    const glimpses = await this.deps.store.glimpse(this.entity.id, 'concur', {
      logins,
      syncIds: [],
      uuids: [],
    });
    const byLogin = new Map(glimpses.map((glimpse) => [keyOf(glimpse.locator ?? ''), glimpse]));
    const failed = await this.deps.store.quarantinedLogins(this.entity.id, logins);
    return rows.filter((row) => {
      const stamp = row.modifiedAt.getTime();
      const failedAt = failed.get(keyOf(row.loginId));
      if (failedAt !== undefined && failedAt.getTime() >= stamp) return false;
      return !covers(byLogin.get(keyOf(row.loginId))?.concurSeenAt, row.modifiedAt);
    });
  }

  /** Reads and stores candidates; whoever moved meanwhile is read again. `commits`: and `next` with the last of them. */
  private async readAndStore(
    candidates: readonly Candidate[],
    next: PullProgress,
    commits = true,
  ): Promise<PullProgress> {
    const pulled = await this.readAll(await this.withNotedVersions(candidates));
    const step = { progress: next, last: false, commits };
    return this.storeDeferred(await storePulled(this.deps, this.entity, pulled, step), commits);
  }

  /** Reads and stores whoever moved meanwhile, until nobody does any more. */
  private async storeDeferred(first: Stored, commits = true): Promise<PullProgress> {
    let stored = first;
    for (let round = 2; stored.deferred.length > 0; round += 1) {
      // Somebody publishes this traveller right now: wait until it is through.
      if (stored.leased) await this.deps.clock.sleep(DEFER_WAIT_MS);
      const pulled = await this.readAll(await this.withNotedVersions(stored.deferred));
      const step = { progress: stored.progress, last: round >= MAX_ROUNDS, commits };
      stored = await storePulled(this.deps, this.entity, pulled, step);
    }
    return stored.progress;
  }

  private async withNotedVersions(candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const glimpses = await this.deps.store.glimpse(this.entity.id, 'concur', {
      logins: candidates.map((candidate) => candidate.loginId),
      syncIds: candidates.flatMap((candidate) => candidate.row?.xmlProfileSyncId ?? []),
      uuids: candidates.flatMap((candidate) => (candidate.uuid === undefined ? [] : [candidate.uuid])),
    });
    return candidates.map((candidate) => ({
      ...candidate,
      noted: notedVersions(candidate, glimpses),
      lookalikes: lookalikesOf(candidate, glimpses),
      listedAs: listedAs(candidate, glimpses),
    }));
  }

  private async readAll(candidates: readonly Candidate[]): Promise<PulledRow[]> {
    const results = await settleAll(candidates, this.limit, (candidate) => this.read(candidate));
    const failures = results
      .filter((result) => result.status === 'rejected')
      .map((result) => result.reason as unknown);
    const fatal = failures.find((error) => !isRecordFailure(error) && !isTransientFailure(error));
    if (fatal !== undefined) throw fatal instanceof Error ? fatal : new Error('the read of a profile failed');
    const transient = failures.filter(isTransientFailure);
    // One bad profile is that profile's trouble; most of them failing is Concur's.
    const [first] = transient;
    if (first !== undefined && transient.length * 2 > candidates.length && candidates.length > 1) throw first;
    return candidates.map((candidate, index) => toPulledRow(candidate, results[index]));
  }

  private async read(candidate: Candidate): Promise<ReadProfile> {
    const read = await this.readPatiently(candidate);
    await demandListed(this.deps.concur, read, candidate.listedAs);
    const lookalikes = candidate.lookalikes ?? [];
    const side = await withCards(this.deps, this.entity, read);
    // A card call that was slowed down slows down the others.
    if (side.cardsFailure !== undefined) this.limit.failed(side.cardsFailure);
    return { read: side, mayBeRenamed: await mayBeRenamed(this.deps.concur, read.profile, lookalikes) };
  }

  private async readPatiently(candidate: Candidate): Promise<ProfileRead> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const read = await this.deps.concur.readProfile({ type: 'login', value: candidate.loginId });
        if (read !== undefined) return read;
        throw new RecordFailure(
          'ProfileNotShown',
          'Concur lists this login but shows no profile for it. Check the login and the access of the application in Concur.',
        );
      } catch (error) {
        if (attempt >= READ_ATTEMPTS || !mayPass(error)) throw error;
        await this.deps.clock.sleep(DEFER_WAIT_MS * attempt);
      }
    }
  }

  /** Profiles that could not be read before, and those somebody asked to try again. */
  private async retryQuarantined(): Promise<void> {
    const entries = await this.deps.store.quarantinedForRetry(this.entity.id, RETRY_BATCH);
    const candidates = entries.flatMap(({ loginId }) =>
      loginId === undefined ? [] : [{ loginId, noted: new Map<string, number>() }],
    );
    if (candidates.length > 0) this.progress = await this.readAndStore(candidates, this.progress);
  }

  private async finish(settled: boolean): Promise<PullResult> {
    const { seen, changed, quarantined, startedAt } = this.progress;
    const now = this.deps.clock.now();
    const reached = startedAt === undefined ? undefined : new Date(startedAt);
    await this.deps.store.transaction(async (tx) => {
      if (settled && reached !== undefined) {
        const cursor = new Date(reached.getTime() - this.settings.overlapSeconds * 1000);
        await tx.setCursor(this.entity.id, cursor, this.options.since !== undefined);
      }
      if (this.skewMs !== undefined) await tx.setClockSkew(this.entity.id, this.skewMs);
      await tx.setProgress(this.entity.id, undefined);
      await tx.setLastPoll(this.entity.id, {
        ...(this.options.requestId === undefined ? {} : { requestId: this.options.requestId }),
        startedAt: this.startedAt.toISOString(),
        finishedAt: now.toISOString(),
        seen,
        changed,
        quarantined,
      });
    });
    return { seen, changed, quarantined, settled, withoutLogin: this.withoutLogin };
  }
}

/** A page of the list with the profiles of the rows that had to be read. */
interface ReadPage {
  readonly number: number;
  readonly page: SummaryPage;
  /** Our clock. */
  readonly listedAt: Date;
  readonly rows: readonly ProfileSummary[];
  readonly pulled: readonly PulledRow[];
}

interface ReadProfile {
  readonly read: ConcurSide;
  readonly mayBeRenamed: boolean;
}

/** A cut-off answer may come whole the next time. */
function mayPass(error: unknown): boolean {
  return isTransientFailure(error) || (isRecordFailure(error) && error.code === 'ProfileUnreadable');
}

/** @throws what the work failed with */
function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'fulfilled') return settled.value;
  const reason: unknown = settled.reason;
  throw reason instanceof Error ? reason : new Error('a page could not be taken in', { cause: reason });
}

function keyOf(login: string): string {
  return login.toLowerCase();
}

function firstProgress(entity: Entity, since: Date | undefined): PullProgress {
  // A crash in between may have shifted the pages: what it left is finished and then verified.
  if (entity.progress !== undefined && since === undefined) return { ...entity.progress, verify: true };
  return {
    since: (since ?? entity.cursor ?? EVERYTHING).toISOString(),
    pass: 0,
    page: 1,
    verify: false,
    unseen: 0,
    seen: 0,
    changed: 0,
    quarantined: 0,
  };
}

function notedVersions(candidate: Candidate, glimpses: readonly Glimpse[]): Map<string, number> {
  const own = glimpses.filter(
    (glimpse) =>
      keyOf(glimpse.locator ?? '') === keyOf(candidate.loginId) ||
      (candidate.uuid !== undefined && glimpse.concurUuid === candidate.uuid),
  );
  return new Map(own.map((glimpse) => [glimpse.travellerId, glimpse.version]));
}

function toPulledRow(candidate: Candidate, result: PromiseSettledResult<ReadProfile> | undefined): PulledRow {
  if (result?.status === 'fulfilled') return { candidate, ...result.value };
  const reason: unknown = result?.reason;
  if (isRecordFailure(reason) || isTransientFailure(reason)) return { candidate, failure: reason };
  throw new Error('a profile was neither read nor refused');
}
