import { bearerOf, revokeConnection } from './access';
import { type Call, errorReply, happening, lowerCaseNames, noteViolation, type Reply } from './call';
import { type FaultKind } from './faults';
import { token } from './oauth';
import { readCards } from './card-read';
import { writeCards } from './card-write';
import { editProfile } from './people';
import { readProfile } from './profile-read';
import { writeProfile } from './profile-write';
import { isEnding, type ScriptAction } from './script';
import { isAnswer, scriptedAnswer, whenOf } from './scripted';
import { summary } from './summary';
import { ConnectionReset, type FunctionName, type SandboxRequest, type SandboxResponse } from './types';
import { identityUsers, legacyUsers } from './users';
import { version1 } from './version-1';
import { type World } from './world';

export const SIMULATION_HEADER = 'x-concordance-sandbox';

const ROUTES: Readonly<Record<string, FunctionName>> = {
  'DELETE /app-mgmt/v0/connections': 'revoke',
  'GET /api/travelprofile/v2.0/summary': 'summary',
  'GET /api/travelprofile/v2.0/profile': 'profile-read',
  'POST /api/travelprofile/v2.0/profile': 'profile-write',
  'GET /api/travelprofile/v2.0/fop': 'fop-read',
  'POST /api/travelprofile/v2.0/fop': 'fop-write',
  'GET /api/travelprofile/v1.0/profile': 'profile-v1',
  'POST /api/travelprofile/v1.0/profile': 'profile-v1',
  'GET /profile/identity/v4/Users': 'users-identity',
  'GET /api/v3.0/common/users': 'users-legacy',
  'GET /users': 'users-legacy',
};
const TOKEN_ROUTE = 'POST /oauth2/v0/token';
const LOGIN_ATTRIBUTE = /<(?:ProfileResponse|CorporateFOPResponse)\b[^>]*\bLoginId="([^"]*)"/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SECRET_PARAMETERS = ['client_secret', 'password', 'refresh_token', 'access_token', 'request_token'];
const SIMULATED_TOKEN = /^sim-(access|refresh|request|id)-/;

/** Takes one call through faults, checks and its function. */
export async function dispatch(world: World, request: SandboxRequest): Promise<SandboxResponse> {
  const call = callOf(world, request);
  const isTokenRequest = call.function === 'exchange' || call.function === 'refresh';
  const countedFor = isTokenRequest ? call.company?.companyUuid : undefined;
  if (countedFor !== undefined) world.tokenTraffic.begins(countedFor);
  try {
    const { reply, truncated } = await answer(world, call);
    record(world, call, reply, truncated ? 'truncated' : reply.status < 400 ? 'ok' : String(reply.status));
    return truncated ? cutOff(world, call, reply) : respond(world, call, reply);
  } catch (error) {
    if (error instanceof ConnectionReset) {
      record(world, call, { status: 0, contentType: '', body: '' }, `reset-${error.when}`);
    }
    throw error;
  } finally {
    if (countedFor !== undefined) world.tokenTraffic.ends(countedFor);
  }
}

function callOf(world: World, request: SandboxRequest): Call {
  const origin = request.origin ?? world.dataCentres[0]?.origin ?? '';
  const url = new URL(`http://sandbox.invalid${request.path}`);
  const headers = lowerCaseNames(request.headers);
  const body = request.body ?? '';
  const method = request.method.toUpperCase();
  const name = functionOf(method, url.pathname, body);
  const sent = headers['concur-correlationid'];
  const company = companyOf(world, name, headers, body);
  const echo = sent !== undefined && world.behaviour(company).correlation === 'echo';
  const login = loginOf(world, name, url.searchParams, body);
  const dataCentre = world.dataCentreAt(origin);
  return {
    function: dataCentre === undefined && !world.globalOrigins.includes(origin) ? 'unknown' : name,
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    body,
    correlationId: echo ? sent : world.random.uuid(),
    ...(dataCentre === undefined ? {} : { dataCentre }),
    ...(sent === undefined ? {} : { clientCorrelationId: sent }),
    ...(company === undefined ? {} : { company }),
    ...(login === undefined ? {} : { login }),
  };
}

function functionOf(method: string, path: string, body: string): FunctionName {
  const route = `${method} ${path}`;
  if (route !== TOKEN_ROUTE) return ROUTES[route] ?? 'unknown';
  return new URLSearchParams(body).get('grant_type') === 'refresh_token' ? 'refresh' : 'exchange';
}

function companyOf(
  world: World,
  name: FunctionName,
  headers: Call['headers'],
  body: string,
): Call['company'] {
  const { store, tokens } = world;
  if (name !== 'exchange' && name !== 'refresh') {
    const owner = tokens.ownerOf(bearerOf(headers) ?? '');
    return owner === undefined ? undefined : store.company(owner);
  }
  const form = new URLSearchParams(body);
  if (name === 'exchange') return store.company(form.get('username') ?? '');
  const owner = tokens.ownerOfRefreshToken(form.get('refresh_token') ?? '');
  return owner === undefined ? undefined : store.company(owner);
}

function loginOf(world: World, name: FunctionName, query: URLSearchParams, body: string): string | undefined {
  if (name === 'profile-write' || name === 'fop-write') return LOGIN_ATTRIBUTE.exec(body)?.[1];
  if (name !== 'profile-read' && name !== 'fop-read' && name !== 'profile-v1') return undefined;
  const value = query.get('userid_value') ?? '';
  if (query.get('userid_type')?.toLowerCase() === 'uuid') return world.store.profileByUuid(value)?.loginId;
  return value;
}

async function answer(world: World, call: Call): Promise<{ reply: Reply; truncated: boolean }> {
  const { function: name, login, company } = call;
  const actions = world.script.actionsFor({
    function: name,
    ...(login === undefined ? {} : { login }),
    ...(company === undefined ? {} : { companyUuid: company.companyUuid }),
  });
  const ending = actions.find(isEnding);
  const fault = world.faults.draw(name);
  await act(world, actions, 'before');
  if (ending?.kind === 'reset' && ending.when === 'before') throw new ConnectionReset('before');
  if (isAnswer(ending) && whenOf(ending) === 'before')
    return { reply: scriptedAnswer(world, call, ending), truncated: false };
  // What the script says about the end of a call comes before chance.
  const chance = ending === undefined ? fault : undefined;
  const instead = await faultBefore(world, chance);
  const reply = instead ?? checked(world, call) ?? route(world, call);
  await act(world, actions, 'after');
  if (chance === 'slowAnswer') await world.sleep(world.faults.slowMs);
  if (ending?.kind === 'reset' || chance === 'resetAfter') throw new ConnectionReset('after');
  if (isAnswer(ending)) return { reply: scriptedAnswer(world, call, ending), truncated: false };
  return { reply, truncated: ending?.kind === 'truncate' || chance === 'truncated' };
}

async function act(world: World, actions: readonly ScriptAction[], when: 'before' | 'after'): Promise<void> {
  for (const action of actions) {
    if (action.kind === 'revoke' && when === 'before') world.tokens.revoke(action.companyUuid, action.what);
    if (!('when' in action) || action.when !== when) continue;
    if (action.kind === 'slow') await world.sleep(action.ms);
    if (action.kind === 'edit') editProfile(world, action.login, action.patch);
    if (action.kind === 'advance-clock') world.clock.advance(action.ms);
  }
}

async function faultBefore(world: World, fault: FaultKind | undefined): Promise<Reply | undefined> {
  switch (fault) {
    case 'http500':
      return errorReply(world, 500, 'An unexpected error occurred.');
    case 'http503':
      return errorReply(world, 503, 'The service is temporarily unavailable.');
    case 'http429': {
      const headers = { 'retry-after': String(world.faults.retryAfterSeconds) };
      return { ...errorReply(world, 429, 'Too many requests.'), headers };
    }
    case 'resetBefore':
      throw new ConnectionReset('before');
    case 'slow':
      await world.sleep(world.faults.slowMs);
      return undefined;
    default:
      return undefined;
  }
}

/** What holds for every call (docs/concur.md §2). */
function checked(world: World, call: Call): Reply | undefined {
  const sent = call.clientCorrelationId;
  if (sent === undefined) {
    noteViolation(
      world,
      call,
      'missing-correlation-id',
      'Every call carries a concur-correlationid of its own.',
    );
  } else if (!UUID.test(sent)) {
    noteViolation(world, call, 'malformed-correlation-id', 'The concur-correlationid must be a plain UUID.');
  }
  if (call.dataCentre === undefined && call.function === 'unknown' && carriesToken(call)) {
    noteViolation(world, call, 'wrong-origin', 'A token went to a host that is not Concur.');
  }
  const secrets = [...call.query].filter(
    ([name, value]) => SECRET_PARAMETERS.includes(name.toLowerCase()) || SIMULATED_TOKEN.test(value),
  );
  if (secrets.length > 0) {
    const names = secrets.map(([name]) => name).join(', ');
    noteViolation(world, call, 'secret-in-url', `Secrets stand in the URL: ${names}.`);
    return errorReply(world, 400, 'Confidential values must not stand in the URL.');
  }
  if (/chunked/i.test(call.headers['transfer-encoding'] ?? '')) {
    noteViolation(world, call, 'chunked', 'Transfer-Encoding chunked is not accepted: send Content-Length.');
    return errorReply(world, 400, 'Transfer-Encoding chunked is not supported.');
  }
  return undefined;
}

function carriesToken(call: Call): boolean {
  return (
    call.headers['authorization'] !== undefined ||
    SECRET_PARAMETERS.some((name) => call.body.includes(`${name}=`))
  );
}

function route(world: World, call: Call): Reply {
  switch (call.function) {
    case 'exchange':
    case 'refresh':
      return token(world, call);
    case 'revoke':
      return revokeConnection(world, call);
    case 'summary':
      return summary(world, call);
    case 'profile-read':
      return readProfile(world, call);
    case 'profile-write':
      return writeProfile(world, call);
    case 'fop-read':
      return readCards(world, call);
    case 'fop-write':
      return writeCards(world, call);
    case 'profile-v1':
      return version1(world, call);
    case 'users-identity':
      return identityUsers(world, call);
    case 'users-legacy':
      return legacyUsers(world, call);
    case 'unknown':
      return errorReply(world, 404, 'No such resource in the simulated Concur.');
  }
}

function respond(world: World, call: Call, reply: Reply): SandboxResponse {
  return {
    status: reply.status,
    headers: {
      ...reply.headers,
      'content-type': reply.contentType,
      'content-length': String(Buffer.byteLength(reply.body)),
      date: world.clock.shown().toUTCString(),
      'concur-correlationid': call.correlationId,
      [SIMULATION_HEADER]: 'simulation',
    },
    body: reply.body,
  };
}

function cutOff(world: World, call: Call, reply: Reply): SandboxResponse {
  const whole = respond(world, call, reply);
  return { ...whole, body: reply.body.slice(0, Math.floor(reply.body.length / 2)), truncated: true };
}

function record(world: World, call: Call, reply: Reply, outcome: string): void {
  const { method, path, login } = call;
  const { codes } = reply;
  world.seen.call({
    ...happening(world, call),
    method,
    path,
    status: reply.status,
    outcome,
    ...(login === undefined ? {} : { login }),
    ...(codes === undefined || codes.length === 0 ? {} : { codes }),
  });
}
