import { type ConflictRecord, type QuarantineRecord, type TravellerView } from '../../../hub';
import { type StoredProfile } from '../../../sandbox';
import { ELEMENTS, personOf, slotOf, STATUS, tokensIn, type Value, valuesOf } from './elements';
import { type People } from './actions';
import { type Edit, type Ledger } from './ledger';
import { type Loops } from './loops';
import { type SimulatedWorld } from './world';

/** A history that has come to its end. */
export interface Ended {
  readonly world: SimulatedWorld;
  readonly ledger: Ledger;
  readonly people: People;
  readonly loops: Loops;
}

export interface Judgement {
  readonly complaints: readonly string[];
  readonly lostByLimit: number;
  readonly echoed: number;
  readonly quarantined: number;
  readonly conflicts: number;
}

/** Holds the end of a history against the account of who did what. */
export async function judge(simulation: Ended): Promise<Judgement> {
  const { store, entityId, sandbox, companyUuid } = simulation.world;
  const travellers = (await store.travellers.list(entityId, { limit: 100 })).items;
  const quarantine = (await store.quarantine.list({ entityId, limit: 100 })).items;
  const conflicts = (await store.conflicts.listOpened({ entityId, limit: 500 })).items;
  const profiles = sandbox.admin.profiles(companyUuid);
  const court = new Court(simulation, travellers, profiles, quarantine, conflicts);
  court.judge();
  return {
    complaints: court.complaints,
    lostByLimit: court.lostByLimit,
    echoed: court.echoed,
    quarantined: quarantine.length,
    conflicts: conflicts.length,
  };
}

/** Elements of which the intent to create keeps a hash. */
const TELLING = new Set(['lastName', 'businessEmail']);

class Court {
  readonly complaints: string[] = [];
  lostByLimit = 0;
  echoed = 0;

  constructor(
    private readonly simulation: Ended,
    private readonly travellers: readonly TravellerView[],
    private readonly profiles: readonly StoredProfile[],
    private readonly quarantine: readonly QuarantineRecord[],
    private readonly conflicts: readonly ConflictRecord[],
  ) {}

  judge(): void {
    this.nothingElseWrong();
    this.oneOfEach();
    this.ownIsKnown();
    this.clearsWereMeant();
    for (const person of this.simulation.people.all) this.person(person.index);
  }

  private complain(what: string, words: string): void {
    this.complaints.push(`${what}: ${words}`);
  }

  private nothingElseWrong(): void {
    for (const error of this.simulation.loops.unexpected) {
      this.complain('unexpected-error', error instanceof Error ? (error.stack ?? error.message) : 'unknown');
    }
    for (const { kind, detail } of this.simulation.world.sandbox.admin.violations) {
      this.complain('violation', `${kind}: ${detail}`);
    }
  }

  /**
   * A create whose answer was lost is known to be ours: nobody is parked because of the own profile. Only where
   * somebody changed in Concur what tells it (docs/architecture.md, "Create") is that a person's decision.
   */
  private ownIsKnown(): void {
    const { ledger } = this.simulation;
    for (const { code, direction, travellerId } of this.quarantine) {
      if (code !== 'LoginTaken' || direction !== 'publish') continue;
      const view = this.travellers.find(({ traveller }) => traveller.id === travellerId);
      if (view === undefined) continue;
      const [person = -1] = personsIn(valuesOf(view.traveller), view.traveller.sections);
      const profile = this.profileOf(person);
      if (profile?.loginId.toLowerCase() !== view.traveller.username.toLowerCase()) continue;
      const isTelling = (element: number): boolean => TELLING.has(ELEMENTS[element]?.name ?? '');
      if (
        ledger.edits.some(
          (edit) => edit.person === person && edit.side === 'concur' && isTelling(edit.element),
        )
      )
        continue;
      this.complain(
        'own-refused',
        `the profile that was made for person ${person} is taken for a stranger's`,
      );
    }
  }

  /** Nobody is there twice, and nobody has anything of somebody else's. */
  private oneOfEach(): void {
    const owners = new Map(
      this.simulation.people.all.flatMap(({ uuid, index }) => (uuid === undefined ? [] : [[uuid, index]])),
    );
    const seen = { concur: new Set<number>(), hub: new Set<number>() };
    for (const profile of this.profiles) {
      const persons = personsIn(valuesOf(profile), profile.sections);
      const [person = -1, ...others] = persons;
      if (others.length > 0)
        this.complain('mixed-up', `a profile holds values of the persons ${persons.join()}`);
      if (seen.concur.has(person)) this.complain('created-twice', `person ${person} has two profiles`);
      seen.concur.add(person);
      const owner = owners.get(profile.uuid);
      if (owner !== undefined && owner !== person)
        this.complain('taken-over', `the profile of person ${owner} holds person ${person}`);
    }
    const bound = new Set<string>();
    for (const { traveller, concurUuid } of this.travellers) {
      const persons = personsIn(valuesOf(traveller), traveller.sections);
      const [person = -1, ...others] = persons;
      if (others.length > 0)
        this.complain('mixed-up', `a traveller holds values of the persons ${persons.join()}`);
      if (seen.hub.has(person)) this.complain('stored-twice', `person ${person} is two travellers`);
      seen.hub.add(person);
      if (concurUuid === undefined) continue;
      if (bound.has(concurUuid)) this.complain('bound-twice', `two travellers are bound to one profile`);
      bound.add(concurUuid);
      const profile = this.profiles.find(({ uuid }) => uuid === concurUuid);
      if (profile === undefined || !personsIn(valuesOf(profile), profile.sections).includes(person))
        this.complain('wrong-bond', `person ${person} is bound to somebody else's profile`);
    }
  }

  private profileOf(person: number): StoredProfile | undefined {
    return this.profiles.find((profile) => personsIn(valuesOf(profile), profile.sections)[0] === person);
  }

  private travellerOf(person: number): TravellerView | undefined {
    return this.travellers.find(
      ({ traveller }) => personsIn(valuesOf(traveller), traveller.sections)[0] === person,
    );
  }

  private person(person: number): void {
    const profile = this.profileOf(person);
    const view = this.travellerOf(person);
    if (this.isQuarantined(profile, view)) return;
    if (view === undefined) return this.complain('missing-in-hub', `person ${person} is in Concur only`);
    if (profile === undefined) {
      if (view.traveller.status === 'active')
        this.complain('missing-in-concur', `person ${person} is in the hub only`);
      return;
    }
    const [hub, concur] = [valuesOf(view.traveller), valuesOf(profile)];
    for (let element = 0; element <= STATUS; element += 1) {
      if (isNoted(view, element)) continue;
      if (hub[element] !== concur[element]) {
        this.complain(
          'disagree',
          `person ${person}, ${slotOf(element)}: hub ${hub[element]}, Concur ${concur[element]}`,
        );
      } else this.provenance(person, element, hub[element], view.traveller.id);
    }
  }

  private isQuarantined(profile: StoredProfile | undefined, view: TravellerView | undefined): boolean {
    const login = profile?.loginId.toLowerCase();
    return this.quarantine.some(
      ({ loginId, travellerId }) =>
        (login !== undefined && loginId?.toLowerCase() === login) ||
        (view !== undefined && travellerId === view.traveller.id),
    );
  }

  /** The last edit of each side stands, was known to whoever made the one that stands, or lost in the open. */
  private provenance(person: number, element: number, value: Value, travellerId: string): void {
    const { ledger } = this.simulation;
    const edits = ledger.of(person, element);
    const last = (['hub', 'concur'] as const).flatMap(
      (side) => edits.filter((edit) => edit.side === side).at(-1) ?? [],
    );
    const standing = edits.filter((edit) => edit.value === value);
    const lostTo = (winner: Edit | undefined): Edit[] =>
      last.filter(
        (edit) =>
          edit.value !== value &&
          !(winner !== undefined && ledger.isKnownTo(edit, winner)) &&
          !this.isInConflicts(edit, travellerId),
      );
    const ways = (standing.length > 0 ? standing : value === undefined ? [undefined] : []).map(lostTo);
    // docs/architecture.md, "The limit": what we wrote and could not note down looks like an edit in Concur.
    const isEchoed = (edit: Edit): boolean =>
      edit.side === 'hub' &&
      edits.some(
        (sent) =>
          sent.unanswered === true &&
          ledger.isKnownTo(sent, edit) &&
          standing.some((won) => won === sent || ledger.isKnownTo(sent, won)),
      );
    const unseen = ways
      .map((lost) => lost.filter((edit) => !edit.exposed && !isEchoed(edit)))
      .sort((a, b) => a.length - b.length)[0];
    if (ways.length === 0)
      return this.complain('nobody-set', `person ${person}, ${slotOf(element)}: ${value}`);
    if (unseen !== undefined && unseen.length > 0) {
      const words = unseen.map((edit) => `${edit.side} set ${edit.value ?? 'nothing'}`).join(', ');
      this.complain('edit-lost', `person ${person}, ${slotOf(element)} is ${value}, but ${words}`);
    } else {
      this.lostByLimit += Math.min(...ways.map((lost) => lost.length));
      this.echoed += Math.min(...ways.map((lost) => lost.filter(isEchoed).length));
    }
  }

  private isInConflicts(edit: Edit, travellerId: string): boolean {
    const slot = slotOf(edit.element);
    return this.conflicts.some((conflict) => {
      if (conflict.travellerId !== travellerId || conflict.slot !== slot) return false;
      const lost = edit.side === 'hub' ? conflict.hubValue : conflict.concurValue;
      return valueIn(lost) === edit.value;
    });
  }

  /** Whatever a POST removed, somebody had removed in the hub. */
  private clearsWereMeant(): void {
    const { ledger, world } = this.simulation;
    for (const { uuid, field } of world.sandbox.admin.clears) {
      const profile = world.sandbox.admin.profile(uuid);
      const person = profile === undefined ? undefined : personsIn(valuesOf(profile), profile.sections)[0];
      const meant = ledger.edits.some(
        (edit) =>
          edit.person === person &&
          ((edit.side === 'hub' && edit.value === undefined) || edit.exposed) &&
          isSameField(ELEMENTS[edit.element]?.field ?? 'Status', field),
      );
      if (!meant)
        this.complain('cleared', `${field} of person ${person} was removed although nobody had removed it`);
    }
  }
}

function isNoted(view: TravellerView, element: number): boolean {
  const field = ELEMENTS[element]?.field ?? 'Status';
  return view.sync.warnings.some((note) => field.startsWith(note.field));
}

/** What a group loses child by child is told child by child. */
function isSameField(element: string, removed: string): boolean {
  return removed === element || removed.startsWith(`${element}/`);
}

function valueIn(value: unknown): Value {
  if (value === undefined) return undefined;
  if (value === 'active' || value === 'inactive') return value;
  return tokensIn(JSON.stringify(value))[0];
}

/** Whose values these are: by the mark first. */
function personsIn(values: readonly Value[], sections: object): number[] {
  const general: unknown = Reflect.get(sections, 'general');
  const mark: unknown =
    typeof general === 'object' && general !== null ? Reflect.get(general, 'companyEmployeeId') : '';
  const tokens = [...tokensIn(String(mark)), ...values.flatMap((value) => tokensIn(value ?? ''))];
  return [...new Set(tokens.map(personOf))];
}
