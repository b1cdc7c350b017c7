import { People } from './actions';
import { arm } from './faults';
import { type History, type Step } from './history';
import { Ledger } from './ledger';
import { Loops } from './loops';
import { judge } from './oracle';
import { type PortContext } from './ports';
import { Scheduler } from './scheduler';
import { type Ground, simulatedWorld, type SimulatedWorld } from './world';

/** What became of a history. */
export interface Verdict {
  /** What the oracle has against it, in words; nothing where all is well. */
  readonly complaints: readonly string[];
  readonly figures: Figures;
  /** Every call of the engine with its outcome, and everything that happened between. */
  readonly trace: readonly string[];
}

export interface Figures {
  calls: number;
  writes: number;
  drops: number;
  failures: number;
  /** Edits in Concur that a write of ours met in its window and overwrote. */
  lostByLimit: number;
  /** Of these, edits of the hub undone by the echo of a write whose run died before it could note it down. */
  echoed: number;
  /** Only the sweep found what a dropped poll had left dirty. */
  swept: number;
  /** A login went to somebody else between our read and our write, which then reached the wrong profile. */
  crossed: number;
  quarantined: number;
  conflicts: number;
}

/** Nothing may keep the loops busy for longer. */
const MOST_CALLS = 1_500;
const QUARTER_MS = 900_000;
const MOST_ROUNDS = 6;
/** Codes that a person has to decide about: trying again is no answer to them. */
export const REVIEWED = ['PossibleRename', 'IdentityChanged', 'LoginTaken', 'ProfileMissing'];

/** Runs a history to its end: what happens, then quiet, then the judgement. */
export async function runHistory(ground: Ground, history: History): Promise<Verdict> {
  const simulation = new Simulation(await simulatedWorld(ground, history), history);
  return simulation.run();
}

export class Simulation {
  readonly ledger = new Ledger();
  readonly scheduler: Scheduler;
  readonly people: People;
  readonly loops: Loops;
  readonly complaints: string[] = [];
  swept = 0;
  /** Writes that went to whoever had got the login since our read: nothing in a write names the profile. */
  crossed = 0;
  private ids = 0;

  constructor(
    readonly world: SimulatedWorld,
    readonly history: History,
  ) {
    this.scheduler = new Scheduler(history.schedule, (random) => {
      // Most calls take a moment, a few take seconds.
      world.clock.advance(random.int(6) === 0 ? random.int(4_000) : 20 + random.int(300));
    });
    const context: PortContext = {
      world,
      scheduler: this.scheduler,
      ledger: this.ledger,
      ids: { next: () => `n${String((this.ids += 1)).padStart(5, '0')}` },
      pageSize: history.pageSize,
      complaints: this.complaints,
      crossed: () => (this.crossed += 1),
      personOf: (uuid) => this.people.personOf(uuid),
    };
    this.loops = new Loops(context);
    this.people = new People(world, this.ledger, this.loops, history.uuids);
  }

  async run(): Promise<Verdict> {
    const { history, people } = this;
    for (let n = 0; n < history.inConcur; n += 1) people.newInConcur();
    for (let n = 0; n < history.inHub; n += 1) await people.newInHub();
    for (const step of history.steps) await this.step(step);
    await this.quiet();
    const { complaints, ...found } = await judge(this);
    const writes = Object.entries(this.world.sandbox.admin.counters['profile-write'] ?? {})
      .filter(([outcome]) => !outcome.startsWith('code:'))
      .reduce((sum, [, count]) => sum + count, 0);
    const most = people.hubEdits + people.concurEdits + this.loops.failures + this.loops.drops;
    if (writes > most) this.complaints.push(`too-many-messages: ${writes} writes, ${most} would do`);
    return {
      // Whose values are where is nobody's fault then, and not looked into.
      complaints: this.crossed > 0 ? [] : [...this.complaints, ...complaints],
      figures: {
        calls: this.scheduler.calls,
        writes,
        drops: this.loops.drops,
        failures: this.loops.failures,
        swept: this.swept,
        crossed: this.crossed,
        ...found,
      },
      trace: this.scheduler.trace,
    };
  }

  private async step(step: Step): Promise<void> {
    for (let n = 0; n < step.after; n += 1) {
      this.loops.kick();
      if (!(await this.scheduler.turn())) break;
    }
    const done = await this.happen(step);
    this.scheduler.note(`* ${JSON.stringify(step)}${done ? '' : ' (nothing)'}`);
    this.loops.kick();
  }

  private async happen(step: Step): Promise<boolean> {
    const { world, loops } = this;
    switch (step.kind) {
      case 'poll':
        loops.ask('poll');
        return true;
      case 'wait':
        world.clock.advance(step.seconds * 1000);
        return true;
      case 'fault':
        arm(world.sandbox, step);
        return true;
      case 'crash':
        loops.burn(step.lane, { left: step.nth, when: step.when, at: step.at });
        return true;
      case 'skew':
        world.sandbox.admin.setClock({ skewMs: step.seconds * 1000 });
        return true;
      default:
        return this.people.act(step);
    }
  }

  /** Nothing is done to either side any more, and nothing fails: polls and drains until nothing changes. */
  private async quiet(): Promise<void> {
    const { world, loops, scheduler } = this;
    scheduler.note('* quiet');
    world.sandbox.admin.clearScript();
    loops.stopCrashes();
    await this.rest();
    await this.lookForLostWake();
    await this.retryQuarantined();
    let before = await this.fingerprint();
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      world.clock.advance(QUARTER_MS);
      loops.ask('poll');
      await this.rest();
      if (this.complaints.length > 0) return;
      await this.lookForLostWake();
      const after = await this.fingerprint();
      if (round > 1 && after === before) return;
      before = after;
    }
    this.complaints.push('never-quiet: polls and publishes go on changing something although nobody does');
  }

  /** Until nobody has anything to do. */
  private async rest(): Promise<void> {
    const { loops, scheduler, world } = this;
    while (scheduler.calls < MOST_CALLS) {
      loops.kick();
      if (await scheduler.turn()) continue;
      const due = loops.nextDue;
      if (due === undefined && loops.isIdle) return;
      if (due !== undefined) world.clock.advance(Math.max(0, due - world.clock.now().getTime()));
    }
    this.complaints.push(`never-resting: more than ${MOST_CALLS} calls`);
  }

  /**
   * What is dirty and free although the publisher sleeps: somebody's wake was lost. Only a poll that was
   * dropped may have kept its wake to itself; then the sweep of the fleet is what finds it.
   */
  private async lookForLostWake(): Promise<void> {
    const { store, entityId, clock } = this.world;
    const { ready, leased } = await store.sync.countDirty(entityId, 'concur', clock.now());
    if (ready + leased === 0) return;
    if (this.loops.pollsDropped === 0) {
      this.complaints.push(`lost-wake: ${ready + leased} travellers are dirty and nobody was woken for them`);
    }
    this.swept += 1;
    await store.entities.setWake(entityId, { now: clock.now() });
    this.loops.ask('publish');
    await this.rest();
  }

  /** As support does with what failed for a reason that is over. */
  private async retryQuarantined(): Promise<void> {
    const { store, entityId, clock } = this.world;
    const { items } = await store.quarantine.list({ entityId, limit: 100 });
    for (const { id, code } of items) {
      if (REVIEWED.includes(code)) continue;
      const { woke } = await store.quarantine.retry(id, { now: clock.now() });
      if (woke) this.loops.ask('publish');
    }
    await this.rest();
  }

  private async fingerprint(): Promise<string> {
    const { store, entityId, sandbox } = this.world;
    const { items } = await store.travellers.list(entityId, { limit: 100 });
    const hub = items.map(({ traveller }) => `${traveller.id} ${traveller.version}`);
    const concur = sandbox.admin.profiles(this.world.companyUuid).map(({ sequence }) => sequence);
    return JSON.stringify([hub, concur]);
  }
}
