import { publishOnce } from '../../../sync/engine/publish';
import { pullOnce } from '../../../sync/engine/pull';
import { type PortContext, portsFor } from './ports';
import { type Lane } from './history';
import { type Fuse, Run } from './scheduler';
import { SETTINGS } from './world';

/** How long until Temporal notices that a process is gone. */
const NOTICED_AFTER_MS = 30_000;
const BACK_OFF_MS = 4_000;
/** Somebody else holds a traveller. */
const LEASED_WAIT_MS = 5_000;

interface Loop {
  run: Run | undefined;
  /** What was asked for: a poll that is due, a publisher that was woken. */
  asked: boolean;
  /** When it goes on by itself: after a failure, a crash, or for a lease. */
  dueAt: number | undefined;
}

/**
 * The two loops of an entity as the workflows have them: a signal wakes the publisher, a drain that failed is
 * done again, a poll that merged something for Concur wakes the publisher. Nobody sweeps.
 */
export class Loops {
  readonly loops: Record<Lane, Loop> = {
    poll: { run: undefined, asked: false, dueAt: undefined },
    publish: { run: undefined, asked: false, dueAt: undefined },
  };
  /** A poll that was dropped may have kept its wake to itself: then only the sweep finds what is dirty. */
  pollsDropped = 0;
  failures = 0;
  drops = 0;
  polls = 0;

  private readonly fuses: Partial<Record<Lane, Fuse>> = {};

  constructor(private readonly context: PortContext) {}

  get isIdle(): boolean {
    return Object.values(this.loops).every(
      ({ run, asked, dueAt }) => run === undefined && !asked && dueAt === undefined,
    );
  }

  /** The run of that loop, or else its next one, is dropped so many calls later. */
  burn(lane: Lane, fuse: Fuse): void {
    const { run } = this.loops[lane];
    if (run === undefined) this.fuses[lane] = fuse;
    else run.fuse = { ...fuse };
  }

  stopCrashes(): void {
    delete this.fuses.poll;
    delete this.fuses.publish;
    for (const { run } of Object.values(this.loops)) if (run?.dropped === false) run.fuse = undefined;
  }

  ask(lane: Lane): void {
    this.loops[lane].asked = true;
  }

  /** Starts what is due and not running. */
  kick(): void {
    for (const lane of ['poll', 'publish'] as const) {
      const loop = this.loops[lane];
      if (loop.run?.dropped === true) this.noticeDrop(lane, loop);
      const isDue = loop.dueAt !== undefined && loop.dueAt <= this.now();
      if (loop.run === undefined && (loop.asked || isDue)) this.start(lane, loop);
    }
  }

  /** The instant at which something goes on by itself. */
  get nextDue(): number | undefined {
    const due = Object.values(this.loops).flatMap(({ dueAt, run }) =>
      dueAt === undefined || run !== undefined ? [] : [dueAt],
    );
    return due.length === 0 ? undefined : Math.min(...due);
  }

  private noticeDrop(lane: Lane, loop: Loop): void {
    loop.run = undefined;
    loop.dueAt = this.now() + NOTICED_AFTER_MS;
    this.drops += 1;
    if (lane === 'poll') this.pollsDropped += 1;
  }

  private start(lane: Lane, loop: Loop): void {
    const run = new Run(lane);
    const fuse = this.fuses[lane];
    if (fuse !== undefined) run.fuse = { ...fuse };
    delete this.fuses[lane];
    loop.run = run;
    loop.asked = false;
    loop.dueAt = undefined;
    const work = lane === 'poll' ? this.poll(run) : this.drain(run);
    work.then(
      (again) => this.ended(loop, run, again),
      (error: unknown) => {
        this.failures += 1;
        this.context.scheduler.note(`${lane} failed: ${error instanceof Error ? error.message : 'unknown'}`);
        if (!isExpected(error)) this.unexpected.push(error);
        this.ended(loop, run, BACK_OFF_MS);
      },
    );
  }

  /** Failures that no outage explains. */
  readonly unexpected: unknown[] = [];

  private ended(loop: Loop, run: Run, again: number | undefined): void {
    if (loop.run !== run) return;
    loop.run = undefined;
    if (again !== undefined) loop.dueAt = this.now() + again;
  }

  private async drain(run: Run): Promise<number | undefined> {
    const { world } = this.context;
    const result = await publishOnce(portsFor(this.context, run), SETTINGS, world.entityId);
    for (const edit of run.wrote) edit.unanswered = false;
    if (result.remaining > 0) return 0;
    return result.leased > 0 ? LEASED_WAIT_MS : undefined;
  }

  private async poll(run: Run): Promise<number | undefined> {
    const { world, scheduler } = this.context;
    const { entityId, store, clock } = world;
    const ports = portsFor(this.context, run);
    const { changed } = await pullOnce(ports, SETTINGS, entityId);
    this.polls += 1;
    if (changed === 0) return undefined;
    // A merge may have left something for Concur that nobody else wakes the publisher for.
    const { ready } = await ports.store.countDirty(entityId, 'concur', clock.now());
    if (ready === 0) return undefined;
    const woke = await scheduler.call(run, 'poll setWake', () =>
      store.entities.setWake(entityId, { now: clock.now() }),
    );
    if (woke) await scheduler.call(run, 'poll signal', () => Promise.resolve(this.ask('publish')));
    return undefined;
  }

  private now(): number {
    return this.context.world.clock.now().getTime();
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof Error && 'failureClass' in error && error.failureClass === 'retry';
}
