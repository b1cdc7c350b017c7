import {
  type AccessToken,
  type Connection,
  createConcurCards,
  createConcurProfiles,
  createConcurProfilesV1,
  createConcurUsers,
  createOAuth,
  createOriginGate,
  createSend,
} from '../../../../concur';
import { COMPANY_UUID, ENTRY, HOME } from '../tokens';
import { LOGIN, type Subject } from './answers';

const DELAYS = { unavailableDelayMs: 300_000, retryBaseMs: 1_000 };
const NOW = new Date('2026-08-01T12:00:00Z');
const QUERY = { since: new Date('1900-01-01T12:00:00Z'), page: 1, itemsPerPage: 200 };
const UPDATE = {
  action: 'Update',
  loginId: LOGIN,
  status: 'active',
  sections: { hasNoPassport: true },
} as const;

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * The whole way of an answer: encoding, judgement, decoder. Nothing is sent.
 * @param journal also keep of failures what a support case shows, which is most of the work
 */
export function createCalls(journal: boolean): (subject: Subject, answer: RawAnswer) => Promise<unknown> {
  let next: RawAnswer = { status: 200, body: Buffer.alloc(0) };
  let ids = 0;
  const gate = createOriginGate([]);
  const now = (): Date => NOW;
  const send = createSend({
    gate,
    transport: () => Promise.resolve({ ...next, headers: { date: NOW.toUTCString() } }),
    now,
    newId: () => `00000000-0000-4000-9000-${String((ids += 1)).padStart(12, '0')}`,
    timeoutMs: 60_000,
    ...DELAYS,
    ...(journal ? { onCall: () => undefined } : {}),
  });
  const oauth = createOAuth({
    send,
    gate,
    now,
    clientId: 'client-id-of-nobody',
    clientSecret: 'secret-of-nobody',
    authUrl: ENTRY,
    otherBases: [HOME],
    delays: DELAYS,
  });
  const token: AccessToken = { value: 'access-token-of-nobody', origin: HOME };
  const never = (): Promise<never> => Promise.reject(new Error('is not called here'));
  const connection: Connection = {
    accessToken: () => Promise.resolve(token),
    forceRefresh: () => Promise.resolve(token),
    exchange: never,
    renew: never,
    revoke: never,
  };
  const options = { connection, send, delays: DELAYS };
  const profiles = createConcurProfiles(options);
  const version1 = createConcurProfilesV1(options);
  const cards = createConcurCards({ ...options, grantedScopes: () => Promise.resolve(undefined) });
  const users = createConcurUsers({ connection, send, profiles });
  const id = { type: 'login', value: LOGIN } as const;
  const calls: Readonly<Record<Subject, () => Promise<unknown>>> = {
    profile: () => profiles.readProfile(id),
    'profile-v1': () => version1.readProfile(id),
    list: () => profiles.listSummaries(QUERY),
    'list-v1': () => version1.listSummaries(QUERY),
    update: () => profiles.writeProfile(UPDATE),
    create: () => profiles.writeProfile({ ...UPDATE, action: 'Create', password: 'Not-A-Real-1' }),
    cards: () => cards.readCards(id),
    token: () => oauth.exchangeRequestToken({ companyUuid: COMPANY_UUID, requestToken: 'request-token' }),
    users: () => users.findUser({ by: 'userName', value: LOGIN }),
  };
  return (subject, answer) => {
    next = answer;
    return calls[subject]();
  };
}
