import { OrderedList } from './ordered';
import { type Company } from './company';
import { type StoredProfile } from './types';

function byModification(a: StoredProfile, b: StoredProfile): number {
  return a.modifiedAt - b.modifiedAt || a.sequence - b.sequence;
}

function inOrder(): OrderedList<StoredProfile> {
  return new OrderedList(byModification);
}

const loginKey = (login: string): string => login.trim().toLowerCase();
const syncKey = (companyUuid: string, syncId: string): string => `${companyUuid}|${syncId}`;

/** One profile; `head`: anything beside the profiles; `all`: profiles are gone. */
export type Changed = StoredProfile | 'head' | 'all';

/** Companies and profiles with the indexes that reads and pages need. */
export class Store {
  private readonly companies = new Map<string, Company>();
  private readonly byUuid = new Map<string, StoredProfile>();
  /** Logins are unique across all companies, whatever their case. */
  private readonly byLogin = new Map<string, string>();
  /** Sync ids are not unique: the profile that came first answers. */
  private readonly bySyncId = new Map<string, string[]>();
  private readonly byCompany = new Map<string, OrderedList<StoredProfile>>();
  private lastSequence = 0;

  /** Called after each change, e.g. to keep it in a file. */
  onChange: (changed: Changed) => void = () => undefined;

  /** Called after a profile was made or changed. */
  onProfile: (after: StoredProfile, before: StoredProfile | undefined) => void = () => undefined;

  company(uuid: string): Company | undefined {
    return this.companies.get(uuid.toLowerCase());
  }

  allCompanies(): readonly Company[] {
    return [...this.companies.values()];
  }

  putCompany(company: Company): void {
    this.companies.set(company.companyUuid.toLowerCase(), company);
    this.onChange('head');
  }

  get profileCount(): number {
    return this.byUuid.size;
  }

  nextSequence(): number {
    this.lastSequence += 1;
    return this.lastSequence;
  }

  profileByUuid(uuid: string): StoredProfile | undefined {
    return this.byUuid.get(uuid.toLowerCase());
  }

  profileByLogin(login: string): StoredProfile | undefined {
    const uuid = this.byLogin.get(loginKey(login));
    return uuid === undefined ? undefined : this.byUuid.get(uuid);
  }

  profileBySyncId(companyUuid: string, syncId: string): StoredProfile | undefined {
    const uuid = this.bySyncId.get(syncKey(companyUuid, syncId))?.[0];
    return uuid === undefined ? undefined : this.byUuid.get(uuid);
  }

  /** All profiles, or those of one company in the order of their last change. */
  profiles(companyUuid?: string): readonly StoredProfile[] {
    if (companyUuid === undefined) return [...this.byUuid.values()];
    return this.inOrder(companyUuid).page(() => false, undefined, 0, this.byUuid.size).rows;
  }

  inOrder(companyUuid: string): OrderedList<StoredProfile> {
    const key = companyUuid.toLowerCase();
    let list = this.byCompany.get(key);
    if (list === undefined) {
      list = inOrder();
      this.byCompany.set(key, list);
    }
    return list;
  }

  /** Stores a new or changed profile; its login must be free or its own. */
  putProfile(profile: StoredProfile): void {
    const uuid = profile.uuid.toLowerCase();
    const holder = this.byLogin.get(loginKey(profile.loginId));
    if (holder !== undefined && holder !== uuid) throw new Error('The login belongs to another profile.');
    const before = this.byUuid.get(uuid);
    if (before !== undefined) this.unlist(before);
    this.byUuid.set(uuid, profile);
    this.byLogin.set(loginKey(profile.loginId), uuid);
    const sync = syncKey(profile.companyUuid, profile.xmlProfileSyncId);
    this.bySyncId.set(sync, [...(this.bySyncId.get(sync) ?? []), uuid]);
    this.inOrder(profile.companyUuid).insert(profile);
    this.lastSequence = Math.max(this.lastSequence, profile.sequence);
    this.onChange(profile);
    this.onProfile(profile, before);
  }

  clear(): void {
    for (const index of [this.companies, this.byUuid, this.byLogin, this.bySyncId, this.byCompany])
      index.clear();
    this.onChange('all');
  }

  private unlist(profile: StoredProfile): void {
    const uuid = profile.uuid.toLowerCase();
    this.byLogin.delete(loginKey(profile.loginId));
    const sync = syncKey(profile.companyUuid, profile.xmlProfileSyncId);
    const others = (this.bySyncId.get(sync) ?? []).filter((other) => other !== uuid);
    if (others.length === 0) this.bySyncId.delete(sync);
    else this.bySyncId.set(sync, others);
    this.inOrder(profile.companyUuid).remove(profile);
  }
}
