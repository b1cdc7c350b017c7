import { UsernameTaken } from '../../../hub';
import { type StoredProfile } from '../../../sandbox';
import { ELEMENTS, type Json, STATUS, tokenOf, type Value } from './elements';
import { type Action, LATEST } from './history';
import { type Ledger } from './ledger';
import { type Loops } from './loops';
import { type SimulatedWorld } from './world';

/** Somebody who exists on one side at least. */
export interface Person {
  readonly index: number;
  uuid: string | undefined;
  travellerId: string | undefined;
}

const MOST_PEOPLE = 8;

/** What people do on both sides; each thing is done at once, between two calls of the engine. */
export class People {
  readonly all: Person[] = [];
  private names = 0;
  hubEdits = 0;
  concurEdits = 0;

  constructor(
    private readonly world: SimulatedWorld,
    private readonly ledger: Ledger,
    private readonly loops: Loops,
    /** Without UUIDs nobody can tell a login that moved from a sync id that two share. */
    private readonly hasUuids: boolean,
  ) {}

  personOf(uuid: string): number | undefined {
    return this.all.find((person) => this.profileOf(person)?.uuid === uuid)?.index;
  }

  /** @returns false where there is nothing to do it to */
  async act(action: Action): Promise<boolean> {
    switch (action.kind) {
      case 'hub-new':
        return this.newInHub();
      case 'concur-new':
        return this.newInConcur() !== undefined;
      case 'hub-edit':
        return this.editHub(this.who(action.who), action.element, action.clear);
      case 'concur-edit':
        return this.editConcur(this.who(action.who), action.element, action.clear);
      case 'hub-status':
        return this.editHub(this.who(action.who), STATUS, false);
      case 'concur-status':
        return this.editConcur(this.who(action.who), STATUS, false);
      case 'hub-rename':
        return this.renameInHub(this.who(action.who));
      case 'concur-rename':
        return (await this.renameInConcur(this.who(action.who))) !== undefined;
      case 'login-reused':
        return this.reuseLogin(this.who(action.who));
      case 'login-taken':
        return this.takeLogin(this.who(action.who));
      case 'logins-swapped':
        return this.swapLogins(this.who(action.who), this.who(action.other));
      default:
        return false;
    }
  }

  private who(number: number): Person | undefined {
    return number === LATEST ? this.all.at(-1) : this.all[number % Math.max(1, this.all.length)];
  }

  private nextName(word: string): string {
    this.names += 1;
    return `${word}${this.names}@example.test`;
  }

  private newPerson(): Person | undefined {
    if (this.all.length >= MOST_PEOPLE) return undefined;
    const person: Person = { index: this.all.length, uuid: undefined, travellerId: undefined };
    this.all.push(person);
    return person;
  }

  /** Names, and every other element, each as an edit of that side. */
  private firstSections(person: Person, side: 'hub' | 'concur'): Json {
    let sections: Json = {
      general: { firstName: 'Zoë', companyEmployeeId: `E${tokenOf(person.index, 0)}` },
    };
    ELEMENTS.forEach((element, index) => {
      if (element.clearable && (index + person.index) % 2 === 1) return;
      const token = this.ledger.token(person.index);
      sections = element.put(sections, token);
      this.ledger.note(person.index, index, side, token, undefined);
    });
    this.ledger.note(person.index, STATUS, side, 'active', undefined);
    return sections;
  }

  async newInHub(): Promise<boolean> {
    const person = this.newPerson();
    if (person === undefined) return false;
    person.travellerId = `t${person.index}`;
    const sections = this.firstSections(person, 'hub');
    await this.store(person.travellerId, this.nextName('hub'), 'active', sections, 0);
    return true;
  }

  newInConcur(loginId = this.nextName('concur')): Person | undefined {
    const person = this.newPerson();
    if (person === undefined) return undefined;
    const sections = this.firstSections(person, 'concur');
    const { companyUuid, sandbox } = this.world;
    person.uuid = sandbox.admin.seedProfile({ companyUuid, loginId, sections }).uuid;
    return person;
  }

  /** @throws what the store throws, a name that is taken excepted */
  private async store(
    id: string,
    username: string,
    status: 'active' | 'inactive',
    sections: Json,
    expectedVersion: number,
  ): Promise<boolean> {
    const { store, entityId, clock } = this.world;
    try {
      const write = { entityId, id, username, status, sections, expectedVersion };
      const { woke } = await store.travellers.upsert(write, { now: clock.now() });
      if (woke) this.loops.ask('publish');
      this.hubEdits += 1;
      return true;
    } catch (error) {
      if (error instanceof UsernameTaken) return false;
      throw error;
    }
  }

  async travellerOf(person: Person) {
    const { store, entityId } = this.world;
    if (person.travellerId === undefined) {
      const { items } = await store.travellers.list(entityId, { limit: 100 });
      const mark = `E${tokenOf(person.index, 0)}`;
      const found = items.find(({ traveller }) => traveller.sections.general?.companyEmployeeId === mark);
      person.travellerId = found?.traveller.id;
      return found;
    }
    return store.travellers.find(entityId, person.travellerId);
  }

  profileOf(person: Person): StoredProfile | undefined {
    const { admin } = this.world.sandbox;
    if (person.uuid !== undefined) return admin.profile(person.uuid);
    const mark = `E${tokenOf(person.index, 0)}`;
    const found = admin.profiles(this.world.companyUuid).find(({ sections }) => markOf(sections) === mark);
    person.uuid = found?.uuid;
    return found;
  }

  private async editHub(person: Person | undefined, element: number, clear: boolean): Promise<boolean> {
    if (person === undefined) return false;
    const view = await this.travellerOf(person);
    if (view === undefined) return false;
    const { id, username, status, sections, version } = view.traveller;
    const change = this.changed(person, element, clear, { status, sections });
    if (change === undefined) return false;
    this.ledger.note(person.index, element, 'hub', change.value, change.shown);
    return this.store(id, username, change.status, change.sections, version);
  }

  private editConcur(person: Person | undefined, element: number, clear: boolean): boolean {
    const profile = person === undefined ? undefined : this.profileOf(person);
    if (person === undefined || profile === undefined) return false;
    const change = this.changed(person, element, clear, profile);
    if (change === undefined) return false;
    this.ledger.note(person.index, element, 'concur', change.value, change.shown);
    const removed = Object.keys(profile.sections).filter((name) => change.sections[name] === undefined);
    this.world.sandbox.admin.editProfile(profile.uuid, {
      status: change.status,
      // A merge patch: whole sections would be mixed with what is there.
      sections: {
        ...replacing(profile.sections, change.sections),
        ...Object.fromEntries(removed.map((name) => [name, null])),
      },
    });
    this.concurEdits += 1;
    return true;
  }

  /** What an edit makes of what the side shows; undefined where nothing would change. */
  private changed(
    person: Person,
    element: number,
    clear: boolean,
    before: { readonly status: 'active' | 'inactive'; readonly sections: Json },
  ): { value: Value; shown: Value; status: 'active' | 'inactive'; sections: Json } | undefined {
    const { status, sections } = before;
    if (element === STATUS) {
      const value = status === 'active' ? 'inactive' : 'active';
      return { value, shown: status, status: value, sections };
    }
    const chosen = ELEMENTS[element];
    if (chosen === undefined) return undefined;
    const shown = chosen.get(sections);
    if (clear && chosen.clearable) {
      if (shown === undefined) return undefined;
      return { value: undefined, shown, status, sections: chosen.put(sections, undefined) };
    }
    const value = this.ledger.token(person.index);
    return { value, shown, status, sections: chosen.put(sections, value) };
  }

  private async renameInHub(person: Person | undefined): Promise<boolean> {
    const view = person === undefined ? undefined : await this.travellerOf(person);
    if (view === undefined) return false;
    const { id, status, sections, version } = view.traveller;
    return this.store(id, this.nextName('renamed'), status, { ...sections }, version);
  }

  /** A profile whose creation got no answer keeps its login until the next try finds it: a limit of its own. */
  private async isUnbound(person: Person): Promise<boolean> {
    const view = await this.travellerOf(person);
    return view !== undefined && view.concurLoginId === undefined && this.profileOf(person) !== undefined;
  }

  private async renameInConcur(person: Person | undefined): Promise<string | undefined> {
    const profile = person === undefined ? undefined : this.profileOf(person);
    if (person === undefined || profile === undefined || (await this.isUnbound(person))) return undefined;
    this.world.sandbox.admin.editProfile(profile.uuid, { loginId: this.nextName('moved') });
    this.concurEdits += 1;
    return profile.loginId;
  }

  private async reuseLogin(person: Person | undefined): Promise<boolean> {
    if (!this.hasUuids || this.all.length >= MOST_PEOPLE) return false;
    const login = await this.renameInConcur(person);
    return login !== undefined && this.newInConcur(login) !== undefined;
  }

  private async takeLogin(person: Person | undefined): Promise<boolean> {
    if (person === undefined || this.profileOf(person) !== undefined) return false;
    const view = await this.travellerOf(person);
    const username = view?.traveller.username;
    if (username === undefined || this.world.sandbox.admin.profile(username) !== undefined) return false;
    return this.newInConcur(username) !== undefined;
  }

  private async swapLogins(one: Person | undefined, other: Person | undefined): Promise<boolean> {
    if (!this.hasUuids || one === undefined || other === undefined || one === other) return false;
    if ((await this.isUnbound(one)) || (await this.isUnbound(other))) return false;
    const [a, b] = [this.profileOf(one), this.profileOf(other)];
    if (a === undefined || b === undefined) return false;
    const { admin } = this.world.sandbox;
    admin.editProfile(a.uuid, { loginId: this.nextName('between') });
    admin.editProfile(b.uuid, { loginId: a.loginId });
    admin.editProfile(a.uuid, { loginId: b.loginId });
    this.concurEdits += 3;
    return true;
  }
}

function markOf(sections: Json): unknown {
  const general = sections['general'];
  return typeof general === 'object' && general !== null
    ? Reflect.get(general, 'companyEmployeeId')
    : undefined;
}

/** A merge patch that leads from one to the other: what is gone is null, on every level. */
function replacing(from: Json, to: Json): Json {
  return Object.fromEntries(
    Object.entries(to).map(([name, value]) => {
      const before = from[name];
      if (!isGroup(value) || !isGroup(before)) return [name, value];
      const gone = Object.keys(before).filter((key) => value[key] === undefined);
      return [name, { ...replacing(before, value), ...Object.fromEntries(gone.map((key) => [key, null])) }];
    }),
  );
}

function isGroup(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
