import { z } from 'zod';
import { type Behaviour } from './behaviour';
import { type SeededRandom } from './random';

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const issued = { companyUuid: z.string(), expiresAt: z.number().describe('epoch milliseconds') };

export const tokenStateSchema = z.strictObject({
  request: z.array(z.tuple([z.string(), z.strictObject({ ...issued, used: z.boolean() })])),
  refresh: z.array(z.tuple([z.string(), z.strictObject({ ...issued, clientId: z.string() })])),
  access: z.array(z.tuple([z.string(), z.strictObject({ ...issued, scopes: z.array(z.string()) })])),
});
export type TokenState = z.output<typeof tokenStateSchema>;

type RequestToken = TokenState['request'][number][1];
type RefreshToken = TokenState['refresh'][number][1];
type AccessToken = TokenState['access'][number][1];

export interface Granted {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
}

/** Every token the simulated Concur ever gave out and that is not yet forgotten. */
export class Tokens {
  private readonly request = new Map<string, RequestToken>();
  private readonly refresh = new Map<string, RefreshToken>();
  private readonly access = new Map<string, AccessToken>();

  constructor(private readonly random: SeededRandom) {}

  issueRequestToken(
    companyUuid: string,
    behaviour: Behaviour,
    now: number,
  ): { token: string; expiresAt: number } {
    const token = `sim-request-${this.random.uuid()}`;
    const expiresAt = now + behaviour.requestTokenLifetimeMinutes * MINUTE_MS;
    this.request.set(token, { companyUuid, expiresAt, used: false });
    return { token, expiresAt };
  }

  /** True when the token is the company's and still valid; a single-use one is spent by this. */
  redeemRequestToken(token: string, companyUuid: string, behaviour: Behaviour, now: number): boolean {
    const found = this.request.get(token);
    if (found === undefined || !same(found.companyUuid, companyUuid) || found.expiresAt <= now) return false;
    if (found.used && behaviour.requestTokenUse === 'single') return false;
    this.request.set(token, { ...found, used: true });
    return true;
  }

  refreshToken(token: string, now: number): RefreshToken | undefined {
    const found = this.refresh.get(token);
    return found === undefined || found.expiresAt <= now ? undefined : found;
  }

  /** Whose refresh token it is or was, unless it was revoked. */
  ownerOfRefreshToken(token: string): string | undefined {
    return this.refresh.get(token)?.companyUuid;
  }

  accessToken(token: string, now: number): AccessToken | undefined {
    const found = this.access.get(token);
    return found === undefined || found.expiresAt <= now ? undefined : found;
  }

  /** Whose access token it is or was. */
  ownerOf(accessToken: string): string | undefined {
    return this.access.get(accessToken)?.companyUuid;
  }

  /** A first grant, or with `previous` a refresh: it renews the six months and may rotate the token. */
  grant(
    company: { readonly companyUuid: string; readonly scopes: readonly string[] },
    clientId: string,
    behaviour: Behaviour,
    now: number,
    previous?: string,
  ): Granted {
    this.forgetExpired(now);
    const { companyUuid } = company;
    const accessToken = `sim-access-${this.random.uuid()}`;
    const accessExpiresAt = now + behaviour.accessTokenLifetimeSeconds * SECOND_MS;
    this.access.set(accessToken, { companyUuid, expiresAt: accessExpiresAt, scopes: [...company.scopes] });
    const keeps = previous !== undefined && behaviour.rotation === 'none';
    const refreshToken = keeps ? previous : `sim-refresh-${this.random.uuid()}`;
    const refreshExpiresAt = now + behaviour.refreshTokenLifetimeDays * DAY_MS;
    this.refresh.set(refreshToken, { companyUuid, clientId, expiresAt: refreshExpiresAt });
    if (previous !== undefined && !keeps) this.retire(previous, behaviour, now);
    return { accessToken, refreshToken, refreshExpiresAt };
  }

  /** @returns how many tokens no longer work */
  revoke(companyUuid: string, what: 'request' | 'access' | 'refresh' | 'all'): number {
    let revoked = 0;
    for (const kind of ['request', 'access', 'refresh'] as const) {
      if (what !== 'all' && what !== kind) continue;
      const tokens: Map<string, { readonly companyUuid: string }> = this[kind];
      for (const [token, { companyUuid: owner }] of tokens) {
        if (!same(owner, companyUuid)) continue;
        tokens.delete(token);
        revoked += 1;
      }
    }
    return revoked;
  }

  get state(): TokenState {
    return { request: [...this.request], refresh: [...this.refresh], access: [...this.access] };
  }

  restore(state: TokenState): void {
    this.clear();
    for (const [token, value] of state.request) this.request.set(token, value);
    for (const [token, value] of state.refresh) this.refresh.set(token, value);
    for (const [token, value] of state.access) this.access.set(token, value);
  }

  clear(): void {
    for (const tokens of [this.request, this.refresh, this.access]) tokens.clear();
  }

  private retire(token: string, behaviour: Behaviour, now: number): void {
    const old = this.refresh.get(token);
    if (old === undefined) return;
    const graceMs = behaviour.rotation === 'without-grace' ? 0 : behaviour.rotationGraceSeconds * SECOND_MS;
    this.refresh.set(token, { ...old, expiresAt: Math.min(old.expiresAt, now + graceMs) });
  }

  /** Map order is the order of issue, which with one lifetime is the order of expiry. */
  private forgetExpired(now: number): void {
    for (const [token, { expiresAt }] of this.access) {
      if (expiresAt > now) return;
      this.access.delete(token);
    }
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
