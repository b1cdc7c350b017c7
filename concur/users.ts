import { z } from 'zod';
import { createSendAuthorised } from './authorised';
import { type Connection } from './connection';
import { type ConcurError, isConcurError, UnexpectedAnswer } from './errors';
import { type Answer, type Send } from './http';
import { type ConcurProfiles } from './types';

/** Where a user can be looked up, in the order in which it is tried (docs/concur.md §6). */
export type UserSource = 'identity-v4' | 'users-v3' | 'profile';

export interface UserQuery {
  readonly by: 'userName' | 'employeeNumber' | 'externalId';
  readonly value: string;
}

/** What the services tell about a user; nothing more is taken from their answers. */
export interface ConcurUser {
  readonly userName: string;
  /** Absent where the answering service does not tell it: v3.0's own id is none. */
  readonly uuid?: string;
  readonly employeeNumber?: string;
  readonly externalId?: string;
  readonly active?: boolean;
}

/** Why a service did not name the user. */
export type UserMiss =
  /** It answered, and knows nobody like that. */
  | 'not-found'
  /** It knows several: none of them is taken. */
  | 'ambiguous'
  | 'scope-missing'
  | 'switched-off'
  /** It cannot be asked in this way. */
  | 'cannot-tell'
  /** It refused, or answered something that cannot be read. */
  | 'refused'
  /** It is out of order for the moment. */
  | 'unavailable';

export interface UserLookupStep {
  readonly source: UserSource;
  readonly outcome: 'found' | UserMiss;
  /** In words, without personal data. */
  readonly reason: string;
  readonly correlationId?: string;
}

export interface UserLookup {
  readonly user?: ConcurUser;
  readonly answeredBy?: UserSource;
  /** What was tried, in order; the last one answered where there is a user. */
  readonly steps: readonly UserLookupStep[];
}

export interface ConcurUsers {
  /**
   * Looks a user up in one service after the other. That a service may not be used (403) or is gone (404) is no
   * failure; the answer says it.
   * @throws RangeError where the value cannot be one of a user: empty, over 255 characters, with control
   *   characters or lone surrogates
   * @throws ConcurError where nobody was found and a service was out of order, or the profile could not be read
   */
  findUser(query: UserQuery): Promise<UserLookup>;
}

export interface ConcurUsersOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly profiles: ConcurProfiles;
  /** Granted to the entity; empty where not known. A service whose scope is missing is not asked. */
  readonly scopes?: () => Promise<readonly string[]>;
}

const IDENTITY_PATH = '/profile/identity/v4/Users';
const USERS_V3_PATH = '/api/v3.0/common/users';
const MOST_USERS = 100;
const MAX_VALUE_LENGTH = 255;
const JSON_HEADERS = { accept: 'application/json' } as const;
const IDENTITY_SCOPE = /^identity\.user\./;
const UNUSABLE = /[\p{Cc}\p{Surrogate}]/u;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const optionalText = z.string().optional().catch(undefined);
const scimListSchema = z.object({
  Resources: z
    .array(
      z.object({
        id: optionalText,
        userName: optionalText,
        active: z.boolean().optional().catch(undefined),
        externalId: optionalText,
        [ENTERPRISE]: z.object({ employeeNumber: optionalText }).optional().catch(undefined),
      }),
    )
    .default([]),
});
const usersV3Schema = z.object({
  Items: z.array(
    z.object({
      LoginID: optionalText,
      LoginId: optionalText,
      Active: z.boolean().optional().catch(undefined),
      EmployeeID: optionalText,
    }),
  ),
});

type Step = { readonly user: ConcurUser; readonly correlationId?: string } | Miss;

interface Miss {
  readonly outcome: UserMiss;
  readonly reason: string;
  readonly correlationId?: string;
  /** Thrown in the end if no other service names the user. */
  readonly error?: ConcurError;
}

/** Look-ups of users (docs/concur.md §6). */
export function createConcurUsers(options: ConcurUsersOptions): ConcurUsers {
  const authorised = createSendAuthorised(options.connection, options.send);

  async function ask(
    user: string,
    path: string,
    template: string,
    find: (body: unknown) => Step,
  ): Promise<Step> {
    let answer: Answer;
    try {
      answer = await authorised({
        function: 'findUser',
        method: 'GET',
        path,
        template,
        headers: JSON_HEADERS,
        user,
      });
    } catch (error) {
      if (!isConcurError(error) || error.failureClass !== 'retry') throw error;
      return outOfOrder(error);
    }
    const { correlationId } = answer;
    return { ...(missByStatus(answer) ?? find(jsonOf(answer.body))), correlationId };
  }

  const sources: Readonly<Record<UserSource, (query: UserQuery) => Promise<Step>>> = {
    'identity-v4': async (query) => {
      const scopes = (await options.scopes?.()) ?? [];
      if (scopes.length > 0 && !scopes.some((scope) => IDENTITY_SCOPE.test(scope))) {
        const reason = 'The scopes identity.user.* were not granted, so Identity v4 was not asked.';
        return { outcome: 'scope-missing', reason };
      }
      const filter = scimFilter(query.by, query.value);
      return ask(
        query.value,
        `${IDENTITY_PATH}?filter=${encodeURIComponent(filter)}&count=${MOST_USERS}`,
        `${IDENTITY_PATH}?filter=${query.by}`,
        (body) => theOne(scimUsers(body), query),
      );
    },
    'users-v3': async (query) => {
      if (query.by !== 'userName') return cannotTell('Users v3.0 is asked by login only.');
      // No filter on active: an inactive traveller is one as well.
      return ask(
        query.value,
        `${USERS_V3_PATH}?user=${encodeURIComponent(query.value)}`,
        `${USERS_V3_PATH}?user`,
        (body) => theOne(usersV3(body), query),
      );
    },
    profile: async (query) => {
      if (query.by !== 'userName') return cannotTell('A profile is found by its login only.');
      const read = await options.profiles.readProfile({ type: 'login', value: query.value });
      if (read === undefined) return notFound();
      const { loginId, uuid, status, sections } = read.profile;
      const employeeNumber = sections.general?.companyEmployeeId;
      const user = userFrom({
        userName: loginId,
        uuid,
        employeeNumber,
        active: status && status === 'active',
      });
      return user === undefined ? notFound() : { user, ...withCorrelation(read.correlationId) };
    },
  };

  return {
    async findUser({ by, value: given }) {
      const query = { by, value: usableValue(given) };
      const steps: UserLookupStep[] = [];
      let failure: ConcurError | undefined;
      for (const source of ['identity-v4', 'users-v3', 'profile'] as const) {
        const step = await sources[source](query);
        const correlation = withCorrelation(step.correlationId);
        if ('user' in step) {
          steps.push({ source, outcome: 'found', reason: 'The user was found.', ...correlation });
          return { user: step.user, answeredBy: source, steps };
        }
        steps.push({ source, outcome: step.outcome, reason: step.reason, ...correlation });
        failure ??= step.error;
      }
      // Who could not be asked may know the user: that is no "nobody".
      if (failure !== undefined) throw failure;
      return { steps };
    },
  };
}

/** A filter of SCIM: its values are texts of JSON (RFC 7644, 3.4.2.2), so no value can end the text it stands in. */
export function scimFilter(attribute: UserQuery['by'], value: string): string {
  return `${attribute} eq ${JSON.stringify(value)}`;
}

function usableValue(given: string): string {
  const value = given.trim();
  if (value === '' || value.length > MAX_VALUE_LENGTH || UNUSABLE.test(value)) {
    throw new RangeError('The value to look a user up by is empty, too long or no plain text.');
  }
  return value;
}

function missByStatus({ status, correlationId }: Answer): Miss | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 403) {
    return { outcome: 'scope-missing', reason: 'The service denies access: its scope was not granted.' };
  }
  if (status === 404 || status === 410 || status === 501) {
    return { outcome: 'switched-off', reason: `The service is not there (${status}): it was switched off.` };
  }
  if (status >= 500 || status === 408 || status === 429 || (status >= 300 && status < 400)) {
    return outOfOrder(
      new UnexpectedAnswer(
        `A user could not be looked up, because the service is out of order (${status}). Try again later.`,
        { code: 'users-unavailable', httpStatus: status, correlationId },
      ),
    );
  }
  return { outcome: 'refused', reason: `The service refused the look-up (${status}).` };
}

function outOfOrder(error: ConcurError): Miss {
  return {
    outcome: 'unavailable',
    reason: error.message,
    error,
    ...withCorrelation(error.correlationId),
  };
}

function cannotTell(reason: string): Miss {
  return { outcome: 'cannot-tell', reason };
}

function notFound(): Miss {
  return { outcome: 'not-found', reason: 'The service knows no such user.' };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's error quotes the body. `undefined` fits none of the schemas and ends as `refused`.
    return undefined;
  }
}

function scimUsers(body: unknown): ConcurUser[] | undefined {
  const list = scimListSchema.safeParse(body);
  return list.data?.Resources.flatMap(
    ({ id, userName, active, externalId, [ENTERPRISE]: enterprise }) =>
      userFrom({ userName, uuid: id, active, externalId, employeeNumber: enterprise?.employeeNumber }) ?? [],
  );
}

function usersV3(body: unknown): ConcurUser[] | undefined {
  const list = usersV3Schema.safeParse(body);
  return list.data?.Items.flatMap(
    ({ LoginID, LoginId, Active, EmployeeID }) =>
      userFrom({ userName: LoginID ?? LoginId, active: Active, employeeNumber: EmployeeID }) ?? [],
  );
}

function userFrom(
  said: Readonly<
    Partial<Record<'uuid' | 'employeeNumber' | 'externalId' | 'userName', string | undefined>>
  > & {
    readonly active?: boolean | undefined;
  },
): ConcurUser | undefined {
  const { userName, uuid, employeeNumber, externalId, active } = said;
  if (userName === undefined || userName === '') return undefined;
  return {
    userName,
    ...(uuid === undefined || uuid === '' ? {} : { uuid }),
    ...(employeeNumber === undefined || employeeNumber === '' ? {} : { employeeNumber }),
    ...(externalId === undefined || externalId === '' ? {} : { externalId }),
    ...(active === undefined ? {} : { active }),
  };
}

/** A service that overlooks the filter answers with everybody: only who is what was asked for counts. */
function theOne(users: readonly ConcurUser[] | undefined, { by, value }: UserQuery): Step {
  if (users === undefined) {
    return { outcome: 'refused', reason: 'The service answered something that is no list of users.' };
  }
  const wanted = by === 'userName' ? value.toLowerCase() : value;
  const fitting = users.filter(
    (user) => (by === 'userName' ? user.userName.toLowerCase() : user[by]) === wanted,
  );
  const [user, another] = fitting;
  if (user === undefined) return notFound();
  if (another === undefined) return { user };
  return { outcome: 'ambiguous', reason: 'The service knows several such users; none of them was taken.' };
}

function withCorrelation(correlationId: string | undefined): { readonly correlationId?: string } {
  return correlationId === undefined ? {} : { correlationId };
}
