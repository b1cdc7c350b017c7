import { type Call, behaviourFor, jsonReply, noteViolation, type Reply } from './call';
import { type Company } from './company';
import { type Granted } from './tokens';
import { type World } from './world';

const FORM = 'application/x-www-form-urlencoded';
const SECOND_MS = 1_000;

/** SAP's token errors (docs/concur.md §1, token error codes). */
const ERRORS = {
  5: ['invalid_grant', 'Incorrect credentials. Please Retry'],
  16: ['invalid_request', 'user lives elsewhere'],
  51: ['invalid_request', 'username was not supplied'],
  52: ['invalid_request', 'password was not supplied'],
  53: ['invalid_client', 'company is not enabled for this client'],
  54: ['invalid_scope', 'requested scope exceeds granted scope'],
  60: ['invalid_grant', 'these are not the grants you are looking for'],
  61: ['invalid_client', 'client not found'],
  62: ['invalid_request', 'client_id was not supplied'],
  63: ['invalid_request', 'client_secret was not supplied'],
  64: ['invalid_client', 'Incorrect credentials. Please Retry'],
  65: ['invalid_request', 'grant_type was not supplied'],
  100: ['invalid_request', 'backend does not know about this username'],
  105: ['invalid_grant', 'this grant was not issued to you!'],
  106: ['invalid_request', 'refresh_token was not supplied'],
  108: ['invalid_grant', 'bad or expired refresh token'],
  120: ['invalid_request', 'credtype is invalid'],
} as const;
type TokenErrorCode = keyof typeof ERRORS;

/** Codes that nothing in the simulator leads to, and any other one, are answered by script. */
export function refusedToken(code: number, geolocation?: string): Reply {
  return isKnown(code)
    ? refuse(code, geolocation)
    : jsonReply(400, {
        code,
        error: 'invalid_request',
        error_description: `scripted ${code}`,
        ...(geolocation === undefined ? {} : { geolocation }),
      });
}

function isKnown(code: number): code is TokenErrorCode {
  return Object.keys(ERRORS).includes(String(code));
}

function refuse(code: TokenErrorCode, geolocation?: string): Reply {
  const [error, description] = ERRORS[code];
  const status = error === 'invalid_client' ? 401 : 400;
  return jsonReply(status, {
    code,
    error,
    error_description: description,
    ...(geolocation === undefined ? {} : { geolocation }),
  });
}

/** `POST /oauth2/v0/token` */
export function token(world: World, call: Call): Reply {
  const contentType = call.headers['content-type'] ?? '';
  if (contentType !== FORM) {
    const kind = /charset/i.test(contentType) ? 'charset' : 'content-type';
    noteViolation(world, call, kind, `Content-Type of a token call must be exactly ${FORM}.`);
    // The form is not read, so the first thing that is missing is the grant type.
    return refuse(65);
  }
  const form = new URLSearchParams(call.body);
  const field = (name: string): string | undefined => form.get(name) || undefined;
  const clientId = field('client_id');
  if (clientId === undefined) return refuse(62);
  const client = world.clients.find((each) => each.clientId === clientId);
  if (client === undefined) return refuse(61);
  const secret = field('client_secret');
  if (secret === undefined) return refuse(63);
  if (secret !== client.clientSecret) return refuse(64);
  switch (field('grant_type')) {
    case undefined:
      return refuse(65);
    case 'password':
      return exchange(world, call, clientId, field);
    case 'refresh_token':
      return refresh(world, call, clientId, field);
    default:
      return refuse(60);
  }
}

type Field = (name: string) => string | undefined;

function exchange(world: World, call: Call, clientId: string, field: Field): Reply {
  if (field('credtype') !== 'authtoken') return refuse(120);
  const companyUuid = field('username');
  if (companyUuid === undefined) return refuse(51);
  const requestToken = field('password');
  if (requestToken === undefined) return refuse(52);
  const company = world.store.company(companyUuid);
  if (company === undefined) return refuse(100);
  if (call.dataCentre !== undefined && call.dataCentre.name !== company.dataCentre) {
    return elsewhere(world, company);
  }
  if (!company.enabled) return refuse(53);
  const behaviour = behaviourFor(world, call);
  const { tokens, clock } = world;
  if (!tokens.redeemRequestToken(requestToken, companyUuid, behaviour, clock.now())) return refuse(5);
  return grant(world, company, tokens.grant(company, clientId, behaviour, clock.now()));
}

function refresh(world: World, call: Call, clientId: string, field: Field): Reply {
  const refreshToken = field('refresh_token');
  if (refreshToken === undefined) return refuse(106);
  const { tokens, clock } = world;
  const known = tokens.refreshToken(refreshToken, clock.now());
  const company = known === undefined ? undefined : world.store.company(known.companyUuid);
  if (known === undefined || company === undefined) return refuse(108);
  if (known.clientId !== clientId) return refuse(105);
  noteWrongOrigin(world, call, company, 'refresh token');
  if (call.dataCentre?.name !== company.dataCentre) return elsewhere(world, company);
  if (!company.enabled) return refuse(53);
  const asked = field('scope')?.split(/\s+/) ?? [];
  if (asked.some((scope) => !company.scopes.includes(scope))) return refuse(54);
  const behaviour = behaviourFor(world, call);
  world.tokenTraffic.refreshed(company.companyUuid);
  return grant(world, company, tokens.grant(company, clientId, behaviour, clock.now(), refreshToken));
}

function elsewhere(world: World, company: Company): Reply {
  return refuse(16, geolocationOf(world, company));
}

function geolocationOf(world: World, company: Company): string {
  return world.dataCentreOf(company).origin + world.behaviour(company).geolocationSuffix;
}

function grant(world: World, company: Company, granted: Granted): Reply {
  const behaviour = world.behaviour(company);
  if (!company.toldDataCentres.includes(company.dataCentre)) {
    const toldDataCentres = [...company.toldDataCentres, company.dataCentre];
    world.store.putCompany({ ...company, toldDataCentres });
  } else world.store.onChange('head');
  const seconds = behaviour.accessTokenLifetimeSeconds;
  return jsonReply(200, {
    expires_in: behaviour.expiresInAs === 'string' ? String(seconds) : seconds,
    scope: company.scopes.join(' '),
    token_type: 'Bearer',
    access_token: granted.accessToken,
    refresh_token: granted.refreshToken,
    ...(behaviour.tellRefreshExpiry
      ? { refresh_expires_in: Math.floor(granted.refreshExpiresAt / SECOND_MS) }
      : {}),
    id_token: `sim-id-${world.random.uuid()}`,
    geolocation: geolocationOf(world, company),
  });
}

/** A token may only go where the company lives, or where Concur once said that it lives. */
export function noteWrongOrigin(world: World, call: Call, company: Company, what: string): void {
  const name = call.dataCentre?.name;
  if (name === company.dataCentre || (name !== undefined && company.toldDataCentres.includes(name))) return;
  const where = name ?? 'the global entry';
  noteViolation(
    world,
    call,
    'wrong-origin',
    `The ${what} of a company in ${company.dataCentre} went to ${where}.`,
  );
}
