import { createTokenActivities } from '../../../activities/tokens';
import { type ConcurProfiles } from '../../../concur';
import { type HubDatabase, type HubStore } from '../../../hub';
import { type ConcurSandbox, createConcurSandbox } from '../../../sandbox';
import { anEntity } from '../builders';
import { concurOf, VirtualClock } from '../engine/world';
import { storeOn } from '../hub/stores';
import { type FakeActivities } from './fake-activities';

/** A client company in the sandbox, whose tokens the real activities take care of. */
export interface CompanyInConcur {
  readonly entityId: string;
  readonly store: HubStore;
  readonly sandbox: ConcurSandbox;
  readonly profiles: ConcurProfiles;
  /** Puts a request token that Concur has just issued into the vault. */
  vaultRequestToken(credentialId: string, lifetimeMs: number): Promise<void>;
  /** Moves the clocks of Concur and of the store to the scene's, which is ahead of all real ones. */
  follow(): Promise<void>;
}

/**
 * Real token activities, store, client and sandbox in the place of the fakes. Activities run in real time, so
 * before each the sandbox is told what time it is in the scene.
 */
export async function aCompanyInConcur(db: HubDatabase, fakes: FakeActivities): Promise<CompanyInConcur> {
  const clock = new VirtualClock();
  const sandbox = createConcurSandbox({
    now: () => clock.now().getTime(),
    sleep: (ms) => clock.sleep(ms),
  });
  const entity = anEntity();
  const { id: entityId, companyUuid, travelConfigId } = entity;
  sandbox.admin.putCompany({ companyUuid, travelConfigIds: [travelConfigId] });
  const store = storeOn(db);
  await store.entities.create({ ...entity }, { now: clock.now() });
  const { connection, profiles } = concurOf(sandbox, store, clock, entityId);
  const tokens = createTokenActivities({ store, clock, concur: () => ({ connection }) });
  const follow = async () => clock.advance((await fakes.now()) - clock.now().getTime());
  let vaulted = '';
  fakes.exchange = async () => {
    await follow();
    return tokens.exchangeRequestToken({ entityId, credentialId: vaulted });
  };
  fakes.refresh = async () => {
    await follow();
    return tokens.refreshTokens({ entityId });
  };
  fakes.expiry = () => tokens.refreshTokenExpiry({ entityId });
  return {
    entityId,
    store,
    sandbox,
    profiles,
    follow,
    async vaultRequestToken(credentialId, lifetimeMs) {
      await follow();
      const { requestToken } = sandbox.admin.issueRequestToken(companyUuid);
      const issuedAt = clock.now();
      const expiresAt = new Date(issuedAt.getTime() + lifetimeMs);
      const instants = { issuedAt, expiresAt, now: issuedAt };
      await store.credentials.putRequestToken(entityId, credentialId, requestToken, instants);
      vaulted = credentialId;
    },
  };
}
