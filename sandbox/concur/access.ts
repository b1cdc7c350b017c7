import { type Call, errorReply, noteViolation, type Reply } from './call';
import { type Company } from './company';
import { noteWrongOrigin } from './oauth';
import { type World } from './world';

export interface Access {
  readonly company: Company;
  readonly scopes: readonly string[];
}

const BEARER = /^(?:Bearer|OAuth)\s+(\S+)$/i;
const OAUTH = /^OAuth\s/i;
const TRAVEL_PROFILE_SCOPE = 'TRVPRF';

export function bearerOf(headers: Readonly<Record<string, string>>): string | undefined {
  return BEARER.exec(headers['authorization'] ?? '')?.[1];
}

export function isReply(result: Access | Reply): result is Reply {
  return 'status' in result;
}

/** Who calls, or why the call is refused: 401 without a token, 403 (or 401) with one that is no longer good. */
export function authorise(world: World, call: Call): Access | Reply {
  const bearer = bearerOf(call.headers);
  if (bearer === undefined || !isTakenScheme(world, call))
    return errorReply(world, 401, 'The Authorization header is missing or not valid.');
  const found = world.tokens.accessToken(bearer, world.clock.now());
  const company = found === undefined ? undefined : world.store.company(found.companyUuid);
  if (found === undefined || company === undefined) {
    const status = world.behaviour(call.company).rejectedTokenStatus;
    return errorReply(world, status, 'The access token is expired, revoked or not known.');
  }
  noteWrongOrigin(world, call, company, 'access token');
  if (call.dataCentre?.name !== company.dataCentre) {
    return errorReply(world, 403, 'The access token is not known in this data center.');
  }
  if (!company.enabled) return errorReply(world, 403, 'The company has no access to this product.');
  return { company, scopes: found.scopes };
}

/** `OAuth` is the scheme of Travel Profile v1 only (docs/concur.md §5). */
function isTakenScheme(world: World, call: Call): boolean {
  const isOAuth = OAUTH.test(call.headers['authorization'] ?? '');
  if (call.function !== 'profile-v1') return !isOAuth;
  return isOAuth || world.behaviour(call.company).version1Scheme === 'any';
}

/** As `authorise`, and the token covers travel profiles. */
export function authoriseProfiles(world: World, call: Call): Access | Reply {
  const access = authorise(world, call);
  if (isReply(access)) return access;
  if (!access.scopes.includes(TRAVEL_PROFILE_SCOPE)) {
    return errorReply(world, 403, 'The token does not cover travel profiles.');
  }
  if (!isXml(call)) {
    noteViolation(
      world,
      call,
      'content-type',
      'Every travel profile call needs Content-Type application/xml.',
    );
    if (call.method === 'POST') return errorReply(world, 415, 'The content type must be application/xml.');
  }
  return access;
}

function isXml(call: Call): boolean {
  const [type = ''] = (call.headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/xml';
}

/** `DELETE /app-mgmt/v0/connections`: the company is disconnected. */
export function revokeConnection(world: World, call: Call): Reply {
  const access = authorise(world, call);
  if (isReply(access)) return access;
  if (!world.behaviour(access.company).revokeSupported) {
    return errorReply(world, 404, 'Disconnecting is not supported for this kind of token.');
  }
  world.tokens.revoke(access.company.companyUuid, 'all');
  world.store.onChange('head');
  return { status: 200, contentType: 'application/json', body: '{}' };
}
