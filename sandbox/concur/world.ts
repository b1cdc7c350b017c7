import { type Behaviour, behaviourWith, type BehaviourOverrides, DEFAULT_BEHAVIOUR } from './behaviour';
import { type SandboxClock } from './clock';
import { type Company } from './company';
import { type Faults } from './faults';
import { Observations } from './observe';
import { Pusher } from './push';
import { SeededRandom, seedOf } from './random';
import { Script } from './script';
import { Store } from './store';
import { TokenTraffic } from './token-traffic';
import { Tokens } from './tokens';
import { type DataCentre, type SandboxLog, type Sleep } from './types';

export interface ClientApplication {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** All there is in one simulated Concur; the modules are functions over it. */
export class World {
  readonly store = new Store();
  readonly tokens: Tokens;
  readonly seen = new Observations();
  readonly tokenTraffic = new TokenTraffic();
  readonly script = new Script();
  /** Per profile UUID the cards that its last read showed; a write uses it up. */
  readonly cardReads = new Map<string, ReadonlySet<string>>();
  readonly pusher: Pusher;
  /** Of events: with a sequence of their own, as faults have one. */
  readonly pushIds: SeededRandom;
  private overrides: BehaviourOverrides = {};

  constructor(
    readonly clock: SandboxClock,
    /** For ids; faults have a sequence of their own, so that they do not change which ids come. */
    readonly random: SeededRandom,
    readonly faults: Faults,
    readonly clients: readonly ClientApplication[],
    /** Exchanges for every company and tells where it lives. */
    readonly globalOrigins: readonly string[],
    private centres: readonly DataCentre[],
    readonly sleep: Sleep,
    readonly log: SandboxLog,
  ) {
    this.tokens = new Tokens(random);
    this.pushIds = new SeededRandom(seedOf(`push ${random.state}`));
    this.pusher = new Pusher(this);
  }

  get dataCentres(): readonly DataCentre[] {
    return this.centres;
  }

  /** A server tells under which address a data centre is reached. */
  placeDataCentre(name: string, origin: string): void {
    this.centres = this.centres.map((centre) => (centre.name === name ? { name, origin } : centre));
  }

  dataCentreAt(origin: string): DataCentre | undefined {
    return this.centres.find((centre) => centre.origin === origin);
  }

  dataCentreOf(company: Company): DataCentre {
    const found = this.centres.find(({ name }) => name === company.dataCentre) ?? this.centres[0];
    if (found === undefined) throw new Error('The sandbox has no data centre.');
    return found;
  }

  get behaviourOverrides(): BehaviourOverrides {
    return this.overrides;
  }

  overrideBehaviour(overrides: BehaviourOverrides): void {
    this.overrides = { ...this.overrides, ...overrides };
  }

  resetBehaviour(): void {
    this.overrides = {};
  }

  /** How Concur behaves towards a company, or in general. */
  behaviour(company?: Company): Behaviour {
    return behaviourWith(DEFAULT_BEHAVIOUR, this.overrides, company?.behaviour ?? {});
  }
}
