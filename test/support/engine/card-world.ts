import { type FieldNote, type HubDatabase } from '../../../hub';
import { type CreditCard, type ProfileSections } from '../../../profile';
import { publishOnce } from '../../../sync/engine/publish';
import { pullOnce } from '../../../sync/engine/pull';
import { type EngineWorld, engineWorld, SETTINGS } from './world';

export const LOGIN = 'zoe@example.test';

export const PERSON: ProfileSections = {
  general: { firstName: 'Zoë', lastName: 'Example', jobTitle: 'Buyer' },
};

/** One traveller with cards, on both sides. */
export interface CardWorld extends EngineWorld {
  /** Writes these sections; the others, and fields of `general`, stay. */
  put(sections: ProfileSections): Promise<void>;
  publish(): ReturnType<typeof publishOnce>;
  pull(): ReturnType<typeof pullOnce>;
  /** Makes Concur's cards these, as a Concur user or the company would. */
  inConcur(cards: readonly CreditCard[]): void;
  ofConcur(): readonly unknown[];
  ofHub(): Promise<NonNullable<ProfileSections['cards']>>;
  state(): Promise<{ readonly state: string; readonly warnings: readonly FieldNote[] }>;
  quarantined(): Promise<readonly { readonly code: string; readonly direction: string }[]>;
  calls(name: 'fop-read' | 'fop-write' | 'profile-read' | 'profile-write'): number;
  withScopes(keep: (scope: string) => boolean): Promise<void>;
}

export async function cardWorld(
  db: HubDatabase,
  change: Parameters<typeof engineWorld>[1] = {},
): Promise<CardWorld> {
  const world = await engineWorld(db, change);
  const { store, sandbox, clock, entityId, deps, companyUuid } = world;
  const traveller = async () => {
    const { items } = await store.travellers.list(entityId, { limit: 10 });
    const [first] = items;
    if (first === undefined) throw new Error('The hub has no traveller yet.');
    return first;
  };
  return {
    ...world,
    put: async (sections) => {
      const { items } = await store.travellers.list(entityId, { limit: 1 });
      const known = items[0]?.traveller;
      const general = { ...known?.sections.general, ...sections.general };
      const content = { ...known?.sections, ...sections, general };
      const write = { entityId, username: LOGIN, status: 'active', sections: content } as const;
      await store.travellers.upsert({ ...write, id: known?.id ?? 'zoe' }, { now: clock.now() });
    },
    publish: () => publishOnce(deps, SETTINGS, entityId),
    pull: () => {
      clock.advance(900_000);
      return pullOnce(deps, SETTINGS, entityId);
    },
    inConcur: (cards) => {
      if (sandbox.admin.profile(LOGIN) === undefined) {
        sandbox.admin.seedProfile({ companyUuid, loginId: LOGIN, sections: PERSON });
      }
      sandbox.admin.seedCards(LOGIN, cards);
    },
    ofConcur: () => sandbox.admin.cards(LOGIN),
    ofHub: async () => (await traveller()).traveller.sections.cards ?? [],
    state: async () => (await traveller()).sync,
    quarantined: async () => (await store.quarantine.list({ entityId, limit: 10 })).items,
    calls: (name) => sandbox.admin.calls.filter((call) => call.function === name).length,
    withScopes: async (keep) => {
      const scopes = (await store.entities.get(entityId)).scopes.filter(keep);
      await store.entities.setState(entityId, { scopes });
      sandbox.admin.putCompany({ companyUuid, scopes });
    },
  };
}
