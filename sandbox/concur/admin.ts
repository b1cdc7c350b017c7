import { type Behaviour, behaviourOverridesSchema, type BehaviourOverrides } from './behaviour';
import { type ClockState } from './clock';
import { changedCompany, type Company, type CompanyInput, newCompany } from './company';
import { faultsSchema, type FaultSettings } from './faults';
import { type CallRecord, type Clear, type Counters, type Violation } from './observe';
import {
  AdminError,
  companyOf,
  editProfile,
  profileOf,
  type ProfilePatch,
  type ProfileSeed,
  seedProfile,
} from './people';
import { type CardSeeds, seedCards } from './card-seeds';
import { type PushCounters, type ShownSubscription, type SubscriptionInput } from './push';
import { seedOf } from './random';
import { type ScriptRuleInput, scriptRuleSchema, type ScriptRule } from './script';
import { type TokenRequests } from './token-traffic';
import { type StoredProfile, type Tree } from './types';
import { type World } from './world';

export const RESETTABLE = [
  'data',
  'tokens',
  'faults',
  'script',
  'observations',
  'behaviour',
  'clock',
] as const;
export type Resettable = (typeof RESETTABLE)[number];

export interface ClockChange {
  /** ISO time that the sandbox's clock shows from now on. */
  readonly set?: string | undefined;
  readonly offsetMs?: number | undefined;
  readonly advanceMs?: number | undefined;
  /** How far the `Date` header runs ahead of the stamps on profiles. */
  readonly skewMs?: number | undefined;
}

/** What somebody with access to the simulated Concur's inside can do; `/_admin` is the same over HTTP. */
export class SandboxAdmin {
  constructor(private readonly world: World) {}

  /** Makes a company, or changes what is named of a known one. */
  putCompany(input: CompanyInput): { readonly company: Company; readonly created: boolean } {
    const known = input.companyUuid === undefined ? undefined : this.world.store.company(input.companyUuid);
    const { dataCentres, random } = this.world;
    const company =
      known === undefined
        ? newCompany(input, { companyUuid: random.uuid(), dataCentre: dataCentres[0]?.name ?? '' })
        : changedCompany(known, input);
    if (!dataCentres.some(({ name }) => name === company.dataCentre)) {
      const names = dataCentres.map(({ name }) => name).join(', ');
      throw new AdminError(422, 'unknown-data-centre', `dataCentre must be one of: ${names}.`);
    }
    this.world.store.putCompany(company);
    return { company, created: known === undefined };
  }

  companies(): readonly Company[] {
    return this.world.store.allCompanies();
  }

  issueRequestToken(companyUuid: string): { readonly requestToken: string; readonly expiresAt: string } {
    const company = companyOf(this.world, companyUuid);
    const { tokens, clock } = this.world;
    const issued = tokens.issueRequestToken(company.companyUuid, this.world.behaviour(company), clock.now());
    this.world.store.onChange('head');
    return { requestToken: issued.token, expiresAt: new Date(issued.expiresAt).toISOString() };
  }

  /** @returns how many tokens no longer work */
  revokeTokens(companyUuid: string, what: 'request' | 'access' | 'refresh' | 'all'): number {
    const revoked = this.world.tokens.revoke(companyOf(this.world, companyUuid).companyUuid, what);
    this.world.store.onChange('head');
    return revoked;
  }

  seedProfile(seed: ProfileSeed): StoredProfile {
    return seedProfile(this.world, seed);
  }

  /** @param reference UUID or login */
  editProfile(reference: string, patch: ProfilePatch): StoredProfile {
    return editProfile(this.world, reference, patch);
  }

  profiles(companyUuid?: string): readonly StoredProfile[] {
    return this.world.store.profiles(companyUuid);
  }

  /** @param reference UUID or login */
  profile(reference: string): StoredProfile | undefined {
    return this.world.store.profileByUuid(reference) ?? this.world.store.profileByLogin(reference);
  }

  /**
   * The cards of a profile, numbers in plain; a card is never logged.
   * @param reference UUID or login
   */
  cards(reference: string): readonly Tree[] {
    return profileOf(this.world, reference).cards ?? [];
  }

  /** Puts these cards in the place of a profile's, without the checks of a POST, company cards too. */
  seedCards(reference: string, cards: CardSeeds): readonly Tree[] {
    return seedCards(this.world, reference, cards);
  }

  /** Tells that URL of each change of the company's profiles from now on. */
  subscribe(input: SubscriptionInput): ShownSubscription {
    companyOf(this.world, input.companyUuid);
    return this.world.pusher.subscribe(input);
  }

  get subscriptions(): readonly ShownSubscription[] {
    return this.world.pusher.list();
  }

  clearSubscriptions(): void {
    this.world.pusher.clear();
  }

  setFaults(settings: FaultSettings): FaultSettings {
    this.world.faults.configure(faultsSchema.parse(settings), seedOf);
    return this.world.faults.settings;
  }

  get faults(): FaultSettings {
    return this.world.faults.settings;
  }

  addScript(rules: readonly ScriptRuleInput[]): void {
    this.world.script.add(rules.map((rule) => scriptRuleSchema.parse(rule)));
  }

  clearScript(): void {
    this.world.script.clear();
  }

  get script(): readonly (ScriptRule & { readonly fitting: number; readonly used: number })[] {
    return this.world.script.rules;
  }

  setBehaviour(overrides: BehaviourOverrides): Behaviour {
    this.world.overrideBehaviour(behaviourOverridesSchema.parse(overrides));
    this.world.store.onChange('head');
    return this.world.behaviour();
  }

  get behaviour(): Behaviour {
    return this.world.behaviour();
  }

  setClock(change: ClockChange): ClockState & { readonly now: string } {
    const { clock } = this.world;
    if (change.offsetMs !== undefined) clock.restore({ ...clock.state, offsetMs: change.offsetMs });
    if (change.set !== undefined) clock.set(Date.parse(change.set));
    if (change.advanceMs !== undefined) clock.advance(change.advanceMs);
    if (change.skewMs !== undefined) clock.restore({ ...clock.state, skewMs: change.skewMs });
    this.world.store.onChange('head');
    return this.clock;
  }

  get clock(): ClockState & { readonly now: string } {
    const { clock } = this.world;
    return { now: new Date(clock.now()).toISOString(), ...clock.state };
  }

  /** Calls per function and outcome; with `push` once somebody subscribed. */
  get counters(): Counters & { readonly push?: PushCounters } {
    const { seen, pusher } = this.world;
    return pusher.list().length === 0 ? seen.counters : { ...seen.counters, push: pusher.counters };
  }

  /** What token requests came to, by company. */
  get tokenRequests(): Readonly<Record<string, TokenRequests>> {
    return this.world.tokenTraffic.companies;
  }

  get calls(): readonly CallRecord[] {
    return this.world.seen.lastCalls;
  }

  get violations(): readonly Violation[] {
    return this.world.seen.violations;
  }

  /** What POSTs removed: allowed, but each one should have been meant. */
  get clears(): readonly Clear[] {
    return this.world.seen.clears;
  }

  reset(what: readonly Resettable[] = RESETTABLE): void {
    const { store, tokens, faults, script, seen, tokenTraffic, clock, pusher } = this.world;
    const resets: Readonly<Record<Resettable, () => void>> = {
      data: () => {
        store.clear();
        this.world.cardReads.clear();
      },
      tokens: () => tokens.clear(),
      faults: () => faults.reset(),
      script: () => script.clear(),
      observations: () => {
        seen.reset();
        tokenTraffic.reset();
        pusher.resetCounters();
      },
      behaviour: () => this.world.resetBehaviour(),
      clock: () => clock.restore({ offsetMs: 0, skewMs: 0 }),
    };
    for (const each of what) resets[each]();
    store.onChange('head');
  }
}
