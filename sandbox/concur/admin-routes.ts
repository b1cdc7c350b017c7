import { z } from 'zod';
import { RESETTABLE, type SandboxAdmin } from './admin';
import { behaviourOverridesSchema } from './behaviour';
import { cardsSchema } from './card-seeds';
import { companyInputSchema } from './company';
import { faultsSchema } from './faults';
import { AdminError, profilePatchSchema, profileSeedSchema } from './people';
import { subscriptionSchema } from './push';
import { scriptRuleSchema } from './script';
import { type SandboxRequest, type SandboxResponse, type StoredProfile } from './types';

const ADMIN_PREFIX = '/_admin/';

const tokensSchema = z.strictObject({
  companyUuid: z.string().min(1),
  revoke: z
    .enum(['request', 'access', 'refresh', 'all'])
    .optional()
    .describe('absent: a request token is issued'),
});
const clockSchema = z.strictObject({
  set: z.iso.datetime().optional(),
  offsetMs: z.number().int().optional(),
  advanceMs: z.number().int().optional(),
  skewMs: z.number().int().optional(),
});
const resetSchema = z.strictObject({ what: z.array(z.enum(RESETTABLE)).optional() });

interface AdminRequest {
  readonly query: URLSearchParams;
  /** What stands behind the resource's name, decoded; a profile's UUID or login. */
  readonly rest: string;
  readonly body: unknown;
}

type Answer = readonly [status: 200 | 201, value: unknown];
type AdminRoute = (admin: SandboxAdmin, request: AdminRequest) => Answer;

const ROUTES: Readonly<Record<string, AdminRoute>> = {
  'GET companies': (admin) => [200, { companies: admin.companies() }],
  'POST companies': (admin, { body }) => {
    const { company, created } = admin.putCompany(companyInputSchema.parse(body));
    return [created ? 201 : 200, company];
  },
  'POST tokens': (admin, { body }) => {
    const { companyUuid, revoke } = tokensSchema.parse(body);
    if (revoke === undefined) return [201, admin.issueRequestToken(companyUuid)];
    return [200, { revoked: admin.revokeTokens(companyUuid, revoke) }];
  },
  'GET profiles': (admin, { query, rest }) => {
    if (rest !== '') return [200, shown(demand(admin, rest))];
    const login = query.get('login');
    if (login !== null) return [200, { profiles: [shown(demand(admin, login))] }];
    const first = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? Infinity);
    const profiles = admin.profiles(query.get('company') ?? undefined);
    return [200, { total: profiles.length, profiles: profiles.slice(first, first + limit).map(shown) }];
  },
  'POST profiles': (admin, { body }) => {
    if (!Array.isArray(body)) return [201, shown(admin.seedProfile(profileSeedSchema.parse(body)))];
    const seeds = z.array(profileSeedSchema).parse(body);
    return [201, { profiles: seeds.map((seed) => shown(admin.seedProfile(seed))) }];
  },
  'PATCH profiles': (admin, { query, rest, body }) => {
    const reference = rest === '' ? query.get('login') : rest;
    if (reference === null)
      throw new AdminError(400, 'no-profile', 'PATCH /_admin/profiles/<uuid or login>.');
    return [200, shown(admin.editProfile(reference, profilePatchSchema.parse(body)))];
  },
  'GET cards': (admin, { rest }) => [200, { cards: admin.cards(rest) }],
  'PUT cards': (admin, { rest, body }) => [200, { cards: admin.seedCards(rest, cardsSchema.parse(body)) }],
  'GET subscriptions': (admin) => [200, { subscriptions: admin.subscriptions }],
  'POST subscriptions': (admin, { body }) => [201, admin.subscribe(subscriptionSchema.parse(body))],
  'DELETE subscriptions': (admin) => {
    admin.clearSubscriptions();
    return [200, { subscriptions: [] }];
  },
  'GET faults': (admin) => [200, admin.faults],
  'POST faults': (admin, { body }) => [200, admin.setFaults(faultsSchema.parse(body))],
  'DELETE faults': (admin) => {
    admin.reset(['faults']);
    return [200, admin.faults];
  },
  'GET script': (admin) => [200, { rules: admin.script }],
  'POST script': (admin, { body }) => {
    admin.addScript(
      Array.isArray(body) ? z.array(scriptRuleSchema).parse(body) : [scriptRuleSchema.parse(body)],
    );
    return [200, { rules: admin.script }];
  },
  'DELETE script': (admin) => {
    admin.clearScript();
    return [200, { rules: [] }];
  },
  'GET behaviour': (admin) => [200, admin.behaviour],
  'PATCH behaviour': (admin, { body }) => [200, admin.setBehaviour(behaviourOverridesSchema.parse(body))],
  'GET clock': (admin) => [200, admin.clock],
  'POST clock': (admin, { body }) => [200, admin.setClock(clockSchema.parse(body))],
  'GET counters': (admin) => [200, admin.counters],
  'GET token-requests': (admin) => [200, { companies: admin.tokenRequests }],
  'GET calls': (admin) => [200, { calls: admin.calls }],
  'GET violations': (admin) => [200, { violations: admin.violations, clears: admin.clears }],
  'POST reset': (admin, { body }) => {
    admin.reset(resetSchema.parse(body).what);
    return [200, { reset: true }];
  },
};

export function isAdminPath(path: string): boolean {
  return path.startsWith(ADMIN_PREFIX) || path === '/_admin';
}

/** `/_admin/…`: JSON in, JSON out. */
export function handleAdmin(admin: SandboxAdmin, request: SandboxRequest): SandboxResponse {
  try {
    const url = new URL(`http://sandbox.invalid${request.path}`);
    const [resource = '', ...rest] = url.pathname.slice(ADMIN_PREFIX.length).split('/');
    const method = request.method.toUpperCase();
    const route = ROUTES[`${method} ${resource}`];
    if (route === undefined) throw noSuchRoute(resource, method);
    const body = parseBody(request.body ?? '');
    const parameters = { query: url.searchParams, rest: decodePath(rest.join('/')), body };
    const [status, value] = route(admin, parameters);
    return answer(status, value);
  } catch (error) {
    if (error instanceof AdminError) {
      return answer(error.status, { error: { code: error.code, message: error.message } });
    }
    if (error instanceof z.ZodError) {
      const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      const message = errors.map((each) => `${each.path || 'body'}: ${each.message}`).join('; ');
      return answer(422, { error: { code: 'invalid', message, errors } });
    }
    throw error;
  }
}

function noSuchRoute(resource: string, method: string): AdminError {
  const methods = Object.keys(ROUTES).filter((route) => route.endsWith(` ${resource}`));
  if (methods.length > 0) {
    return new AdminError(
      405,
      'method',
      `${method} is not for /_admin/${resource}; known: ${methods.join(', ')}.`,
    );
  }
  return new AdminError(404, 'no-route', `Known: ${Object.keys(ROUTES).join(', ')}.`);
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new AdminError(400, 'bad-path', `The path is not percent-encoded correctly: ${String(error)}`);
  }
}

function parseBody(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AdminError(400, 'not-json', `The body must be JSON: ${String(error)}`);
  }
}

function demand(admin: SandboxAdmin, reference: string): StoredProfile {
  const profile = admin.profile(reference);
  if (profile === undefined) throw new AdminError(404, 'unknown-profile', `No profile ${reference}.`);
  return profile;
}

function shown(profile: StoredProfile): Readonly<Record<string, unknown>> {
  // Cards are shown where they are asked for.
  const { sequence: _internal, cards: _cards, modifiedAt, ...rest } = profile;
  return { ...rest, modifiedAt: new Date(modifiedAt).toISOString() };
}

function answer(status: number, value: unknown): SandboxResponse {
  const body = JSON.stringify(value);
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-concordance-sandbox': 'simulation',
    },
    body,
  };
}
