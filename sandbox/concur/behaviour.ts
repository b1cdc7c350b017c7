import { z } from 'zod';

/**
 * What the contract leaves open or allows in several ways (docs/concur.md). For the whole sandbox, and each
 * company may differ.
 */
export const behaviourSchema = z.strictObject({
  requestTokenLifetimeMinutes: z.number().positive().describe('§1: 12 h'),
  requestTokenUse: z.enum(['reusable', 'single']).describe('within its lifetime'),
  accessTokenLifetimeSeconds: z.number().int().positive(),
  refreshTokenLifetimeDays: z.number().positive().describe('§1: six months'),
  rotation: z
    .enum(['none', 'with-grace', 'without-grace'])
    .describe('whether a refresh gives a new refresh token, and whether the old one still works for a while'),
  rotationGraceSeconds: z.number().int().nonnegative(),
  expiresInAs: z.enum(['number', 'string']),
  tellRefreshExpiry: z.boolean().describe('false: no refresh_expires_in in the answer'),
  geolocationSuffix: z.string().describe('e.g. /oauth2/v0/token, as some answers carry'),
  rejectedTokenStatus: z
    .union([z.literal(401), z.literal(403)])
    .describe('answer to an expired or revoked access token'),
  revokeSupported: z.boolean(),
  correlation: z
    .enum(['fresh', 'echo'])
    .describe('correlation id of an answer: its own, or the one the client sent'),
  passwordRequired: z.boolean().describe('older documents: a create without one is refused'),
  undocumentedLists: z
    .enum(['merge', 'replace'])
    .describe('elements missing from a list without a documented rule: stay, or are deleted'),
  listElements: z
    .enum(['replaced', 'merged'])
    .describe('fields omitted in a list element that is sent: are gone, or stay'),
  emptyContainer: z
    .enum(['ignored', 'clears'])
    .describe('an empty container element: nothing happens, or the list is emptied'),
  missingScopeOnWrite: z.enum(['E001', 'ignored']).describe('sections whose scope was not granted'),
  phoneCountryOnRead: z.enum(['iso', 'plain', 'zero', 'zeros']).describe('US is shown as US, 1, 01 or 001'),
  primaryMobileOnRead: z.boolean().describe('false: the flag does not come back'),
  cardsMoveStamp: z.boolean().describe('§4: whether a change of cards counts as one of the profile'),
  version1Scheme: z
    .enum(['any', 'OAuth'])
    .describe('§5: whether v1 takes the Authorization scheme Bearer, or only its own'),
  legacyUsers: z.enum(['on', 'off']).describe('§6: user services before Identity v4; off since January 2025'),
  pushDelivery: z.enum(['once', 'twice']).describe('§7: at least once'),
});

export type Behaviour = Readonly<z.output<typeof behaviourSchema>>;

/** Only what differs. */
export const behaviourOverridesSchema = behaviourSchema.partial();
export type BehaviourOverrides = Readonly<z.output<typeof behaviourOverridesSchema>>;

export const DEFAULT_BEHAVIOUR: Behaviour = {
  requestTokenLifetimeMinutes: 720,
  requestTokenUse: 'reusable',
  accessTokenLifetimeSeconds: 3_600,
  refreshTokenLifetimeDays: 182,
  rotation: 'none',
  rotationGraceSeconds: 86_400,
  expiresInAs: 'number',
  tellRefreshExpiry: true,
  geolocationSuffix: '',
  rejectedTokenStatus: 403,
  revokeSupported: true,
  correlation: 'fresh',
  passwordRequired: true,
  undocumentedLists: 'merge',
  listElements: 'replaced',
  emptyContainer: 'ignored',
  missingScopeOnWrite: 'E001',
  phoneCountryOnRead: 'plain',
  primaryMobileOnRead: true,
  cardsMoveStamp: true,
  version1Scheme: 'any',
  legacyUsers: 'off',
  pushDelivery: 'once',
};

/** Later overrides win; what they leave undefined stays. */
export function behaviourWith(base: Behaviour, ...overrides: readonly BehaviourOverrides[]): Behaviour {
  const changed = overrides
    .flatMap((each) => Object.entries(each))
    .filter(([, value]) => value !== undefined);
  return changed.length === 0 ? base : behaviourSchema.parse({ ...base, ...Object.fromEntries(changed) });
}
