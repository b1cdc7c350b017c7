import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConcurAccess } from '../activities';
import {
  basesBeside,
  type CallRecord,
  createConcurCards,
  createConcurUsers,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
  createVersionedProfiles,
  type TokenStore,
  type UndiciTransport,
  undiciTransport,
} from '../concur';
import { type Settings } from '../config';
import { type Entity } from '../hub';

/** What a worker needs to speak to Concur; an absent setting is named in words. */
export class ConcurSettingsMissing extends Error {
  readonly code = 'concur-settings-missing';
  constructor() {
    super(
      'CONCUR_CLIENT_ID and CONCUR_CLIENT_SECRET are required outside the sandbox. Set both, or start with --sandbox.',
    );
    this.name = 'ConcurSettingsMissing';
  }
}

export interface ConcurGateway {
  readonly access: (entityId: string) => ConcurAccess;
  close(): Promise<void>;
}

/**
 * The way to Concur for all entities of this process: one transport, and per entity one connection, so that
 * parallel calls with an expired token cost one refresh.
 * @param entityOf what an entity is set to: it decides the version of the Travel Profile service
 * @throws ConcurSettingsMissing, NotAllowedOrigin when CONCUR_AUTH_URL is not on the allow-list
 */
export function openConcur(
  settings: Settings,
  tokenStore: TokenStore,
  entityOf: (entityId: string) => Promise<Pick<Entity, 'apiVersion' | 'scopes'>>,
  journal: (entityId: string, call: CallRecord) => void,
  now: () => Date = () => new Date(),
): ConcurGateway {
  const { CONCUR_CLIENT_ID: clientId, CONCUR_CLIENT_SECRET: clientSecret } = settings;
  if (clientId === undefined || clientSecret === undefined) throw new ConcurSettingsMissing();
  const transport: UndiciTransport = undiciTransport();
  const gate = createOriginGate(settings.CONCUR_ALLOWED_ORIGINS);
  const waits = {
    unavailableDelayMs: settings.CONCUR_UNAVAILABLE_DELAY_MS,
    retryBaseMs: settings.CONCUR_RETRY_BASE_MS,
  };
  const open = (entityId: string): ConcurAccess => {
    const send = createSend({
      gate,
      transport: transport.send,
      now,
      newId: randomUUID,
      timeoutMs: settings.CONCUR_TIMEOUT_MS,
      ...waits,
      onCall: (call) => journal(entityId, call),
    });
    const oauth = createOAuth({
      send,
      gate,
      now,
      clientId,
      clientSecret,
      authUrl: settings.CONCUR_AUTH_URL,
      otherBases: basesBeside(settings.CONCUR_AUTH_URL, settings.CONCUR_ALLOWED_ORIGINS),
      delays: waits,
    });
    const connection = createConnection({
      entityId,
      tokenStore,
      oauth,
      now,
      sleep: (ms) => sleep(ms),
      newId: randomUUID,
      timeoutMs: settings.CONCUR_TIMEOUT_MS,
    });
    const profiles = createVersionedProfiles(
      { connection, send, delays: waits },
      { read: async () => (await entityOf(entityId)).apiVersion, now },
    );
    const users = createConcurUsers({
      connection,
      send,
      profiles,
      scopes: async () => (await entityOf(entityId)).scopes,
    });
    const cards = createConcurCards({
      connection,
      send,
      delays: waits,
      grantedScopes: async () => {
        const { scopes } = await entityOf(entityId);
        return scopes.length === 0 ? undefined : scopes;
      },
    });
    return { connection, profiles, cards, users };
  };
  const opened = new Map<string, ConcurAccess>();
  return {
    access: (entityId) => {
      const known = opened.get(entityId);
      if (known !== undefined) return known;
      const fresh = open(entityId);
      opened.set(entityId, fresh);
      return fresh;
    },
    close: () => transport.close(),
  };
}
