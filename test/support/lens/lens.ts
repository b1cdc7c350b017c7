import { type HubDatabase } from '../../../hub';
import { type Entity, type FieldNote, type Image } from '../../../hub/types';
import { type BehaviourOverrides } from '../../../sandbox/concur/behaviour';
import { imageOfProfile } from '../../../sync/engine/absorb';
import { type ConcurSide, withCards } from '../../../sync/engine/concur-side';
import { sendPlan } from '../../../sync/engine/send-plan';
import { settle } from '../../../sync/engine/settle';
import { merge } from '../../../sync/model/merge';
import { planWrite, type WritePlan } from '../../../sync/model/plan';
import { isReadOnlySlot } from '../../../sync/model/read-only';
import { slotsOf } from '../../../sync/model/slots';
import { hiddenPlaces } from '../../../sync/model/visibility';
import { T0 } from '../builders';
import { type EngineWorld, engineWorld } from '../engine/world';
import { COLLEAGUES, RULE_CLASSES, TRAVEL_CONFIGS } from './holdable';
import { shownOnly } from './shown-only';

/** What a put came to. */
export interface Put {
  /** The hub's content, completed by what only Concur fills. */
  readonly hub: Image;
  readonly before: Image;
  readonly after: Image;
  readonly plan: WritePlan;
  readonly notes: readonly FieldNote[];
}

/** One traveller in Concur, and what the engine remembers of the last put. */
export interface Subject {
  get(): Promise<Image>;
  /** Makes this the content of the hub and gives Concur what it lacks: merge, plan, write, read back. */
  put(hub: Image): Promise<Put>;
  /** Writes all that was read, although nothing differs. @returns what the engine would note of it */
  putBack(shown: Image): Promise<readonly FieldNote[]>;
}

export interface Lens {
  /** Somebody whose profile holds nothing but a name and what only Concur fills. */
  subject(): Promise<Subject>;
  /** Writes that reached Concur so far. */
  writes(): string;
}

/** The way of a content to Concur and back: planner, codec and client as they are, the simulated Concur. */
export async function lensOn(db: HubDatabase, behaviour: BehaviourOverrides): Promise<Lens> {
  const world = await engineWorld(db);
  const { sandbox, companyUuid, store, entityId } = world;
  sandbox.admin.setBehaviour(behaviour);
  sandbox.admin.putCompany({ companyUuid, ruleClasses: RULE_CLASSES, travelConfigIds: TRAVEL_CONFIGS });
  for (const loginId of COLLEAGUES) {
    sandbox.admin.seedProfile({ companyUuid, loginId, sections: {} });
  }
  const entity = await store.entities.get(entityId);
  let count = 0;
  return {
    subject: async () => {
      count += 1;
      const loginId = `${entityId}-subject${count}@example.test`;
      const { cards = [], ...sections } = shownOnly();
      const general = { ...sections.general, firstName: 'Zoë', lastName: 'Example', travelConfigId: '4711' };
      sandbox.admin.seedProfile({ companyUuid, loginId, sections: { ...sections, general } });
      sandbox.admin.seedCards(loginId, cards);
      const subject = new SubjectOf(world, entity, loginId);
      await subject.begin();
      return subject;
    },
    writes: () =>
      JSON.stringify([sandbox.admin.counters['profile-write'], sandbox.admin.counters['fop-write']]),
  };
}

class SubjectOf implements Subject {
  private baseHub: Image = { status: 'active', sections: {} };
  private baseConcur: Image = { status: 'active', sections: {} };
  private notes: readonly FieldNote[] = [];

  constructor(
    private readonly world: EngineWorld,
    private readonly entity: Entity,
    private readonly loginId: string,
  ) {}

  async begin(): Promise<void> {
    this.baseHub = this.baseConcur = await this.get();
  }

  async get(): Promise<Image> {
    return this.imageOf(await this.read());
  }

  private async read(): Promise<ConcurSide> {
    const { deps } = this.world;
    const read = await deps.concur.readProfile({ type: 'login', value: this.loginId });
    if (read === undefined) throw new Error('the profile is there');
    const side = await withCards(deps, this.entity, read);
    if (side.cardsFailure !== undefined) throw side.cardsFailure;
    return side;
  }

  private imageOf(side: ConcurSide): Image {
    return imageOfProfile(this.entity, side.profile, this.baseConcur);
  }

  private merge(hub: Image, concur: Image, baseHub: Image, baseConcur: Image) {
    const rule = { default: 'hub-wins' } as const;
    const isHidden = hiddenPlaces(this.entity.scopes);
    return merge({ hub, concur, baseHub, baseConcur, rule, hubChangedAt: T0, isHidden });
  }

  async put(content: Image): Promise<Put> {
    const side = await this.read();
    const before = this.imageOf(side);
    const { hub, toConcur } = this.merge(content, before, this.baseHub, this.baseConcur);
    const plan = planWrite(hub, before, toConcur, hiddenPlaces(this.entity.scopes));
    const { after, settled } = await this.send(side, before, hub, plan);
    this.baseHub = this.merge(
      hub,
      after,
      settled.bases.baseHub ?? hub,
      settled.bases.baseConcur ?? after,
    ).baseHub;
    this.baseConcur = after;
    this.notes = settled.notes;
    return { hub, before, after, plan, notes: settled.notes };
  }

  async putBack(shown: Image): Promise<readonly FieldNote[]> {
    const side = await this.read();
    const all = [...slotsOf(shown).values()].filter((slot) => !isReadOnlySlot(slot)).map(({ id }) => id);
    const plan = planWrite(shown, shown, all, hiddenPlaces(this.entity.scopes));
    const { settled } = await this.send(side, shown, shown, plan);
    return settled.notes.filter((note) => !this.notes.includes(note));
  }

  private async send(side: ConcurSide, before: Image, hub: Image, plan: WritePlan) {
    const sent = await sendPlan(this.world.deps, side, plan, () => Promise.resolve(true));
    if (sent === undefined) throw new Error('the lease is never lost here');
    if (sent.cardsFailure !== undefined) throw sent.cardsFailure;
    const after = this.imageOf(sent.after);
    const { baseHub, baseConcur, notes: previousNotes } = this;
    const bases = { baseHub, baseConcur };
    const { warnings } = sent;
    return { after, settled: settle({ hub, plan, before, after, bases, warnings, previousNotes, at: T0 }) };
  }
}
