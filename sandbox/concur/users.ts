import { authorise, isReply } from './access';
import { type Call, jsonReply, type Reply } from './call';
import { itemsAt, textAt, treeAt } from './tree';
import { type StoredProfile } from './types';
import { type World } from './world';

const FILTER = /^(userName|employeeNumber|externalId) eq ("(?:[^"\\]|\\.)*")$/;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const CORE_SCOPE = 'identity.user.core.read';
const ENTERPRISE_SCOPE = 'identity.user.enterprise.read';
const LEGACY_SCOPE = 'USER';
const MOST_USERS = 100;

/** What a user is called in each of the services, taken from the stored profile. */
interface User {
  readonly uuid: string;
  readonly userName: string;
  readonly active: boolean;
  readonly employeeNumber: string;
  readonly externalId: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
}

function userOf({ uuid, loginId, status, sections, externalId }: StoredProfile): User {
  const general = treeAt(sections, 'general');
  const emails = itemsAt(sections, 'emailAddresses');
  const email = emails.find((each) => each['type'] === 'Business')?.['value'];
  return {
    uuid,
    userName: loginId,
    active: status === 'active',
    employeeNumber: textAt(general, 'companyEmployeeId') ?? '',
    externalId: externalId ?? '',
    givenName: textAt(general, 'firstName') ?? '',
    familyName: textAt(general, 'lastName') ?? '',
    email: typeof email === 'string' ? email : '',
  };
}

/** `GET /profile/identity/v4/Users?filter=… eq "…"` */
export function identityUsers(world: World, call: Call): Reply {
  const access = authorise(world, call);
  if (isReply(access)) return access;
  if (!access.scopes.includes(CORE_SCOPE)) return scimError(403, `The token lacks the scope ${CORE_SCOPE}.`);
  const [, attribute, literal = '""'] = FILTER.exec(call.query.get('filter') ?? '') ?? [];
  if (attribute === undefined) {
    return scimError(400, 'Only userName, employeeNumber and externalId can be filtered on, with eq.');
  }
  if (attribute === 'employeeNumber' && !access.scopes.includes(ENTERPRISE_SCOPE)) {
    return scimError(403, `The token lacks the scope ${ENTERPRISE_SCOPE}.`);
  }
  const wanted = textIn(literal);
  if (wanted === undefined || wanted === '') return scimError(400, 'The value of the filter is no text.');
  const found = usersOf(world, access.company.companyUuid).filter((user) =>
    attribute === 'userName'
      ? user.userName.toLowerCase() === wanted.toLowerCase()
      : user[attribute === 'employeeNumber' ? 'employeeNumber' : 'externalId'] === wanted,
  );
  return jsonReply(200, {
    schemas: [LIST],
    totalResults: found.length,
    startIndex: 1,
    itemsPerPage: Math.min(MOST_USERS, found.length),
    Resources: found.slice(0, MOST_USERS).map(scimUser),
  });
}

function textIn(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Not a text of JSON, which is what SCIM writes its values in.
    return undefined;
  }
}

function scimUser(user: User): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
    id: user.uuid,
    userName: user.userName,
    active: user.active,
    externalId: user.externalId === '' ? null : user.externalId,
    name: { givenName: user.givenName, familyName: user.familyName },
    [ENTERPRISE]: { employeeNumber: user.employeeNumber === '' ? null : user.employeeNumber },
  };
}

function scimError(status: number, detail: string): Reply {
  return jsonReply(status, { schemas: [ERROR], status: String(status), detail });
}

/** `GET /api/v3.0/common/users?user=…` or `primaryEmail=…`, and `GET /users?offset=&limit=&isactive=` */
export function legacyUsers(world: World, call: Call): Reply {
  const access = authorise(world, call);
  if (isReply(access)) return access;
  if (world.behaviour(access.company).legacyUsers === 'off') {
    return jsonReply(404, { Message: 'This version of the user service is no longer available.' });
  }
  if (!access.scopes.includes(LEGACY_SCOPE)) {
    return jsonReply(403, { Message: `The token lacks the scope ${LEGACY_SCOPE}.` });
  }
  const users = usersOf(world, access.company.companyUuid);
  return call.path === '/users' ? everybody(call, users) : matching(call, users);
}

function matching(call: Call, users: readonly User[]): Reply {
  const login = call.query.get('user')?.toLowerCase();
  const email = call.query.get('primaryEmail')?.toLowerCase();
  const active = call.query.get('active');
  const found = users.filter(
    (user) =>
      (login === undefined || user.userName.toLowerCase() === login) &&
      (email === undefined || user.email.toLowerCase() === email) &&
      (active === null || String(user.active) === active),
  );
  return jsonReply(200, { Items: found.slice(0, MOST_USERS).map(legacyUser), NextPage: null });
}

function everybody(call: Call, users: readonly User[]): Reply {
  const number = (name: string, otherwise: number): number => {
    const text = call.query.get(name) ?? '';
    return /^\d{1,6}$/.test(text) ? Number(text) : otherwise;
  };
  const offset = number('offset', 0);
  const limit = Math.min(MOST_USERS, number('limit', MOST_USERS));
  const active = call.query.get('isactive');
  const found = users.filter((user) => active === null || String(user.active) === active);
  const items = found.slice(offset, offset + limit).map((user) => ({ ...legacyUser(user), ID: user.uuid }));
  return jsonReply(200, { total: found.length, offset, limit, Items: items });
}

/** The id of v3.0 is no UUID. */
function legacyUser(user: User): object {
  return {
    ID: `gWu${user.uuid.slice(0, 8)}`,
    LoginID: user.userName,
    Active: user.active,
    EmployeeID: user.employeeNumber,
    FirstName: user.givenName,
    LastName: user.familyName,
    PrimaryEmail: user.email,
  };
}

function usersOf(world: World, companyUuid: string): User[] {
  return world.store.profiles(companyUuid).map(userOf);
}
