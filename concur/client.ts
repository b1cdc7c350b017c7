import { type CallSubject, classifyAnswer, type Classified, type Delays, isWarning } from './classify';
import { type Connection } from './connection';
import { ConcurUnavailable, type ConcurUnreadable, isConcurUnreadable, ProfileUnreadable } from './errors';
import { type Answer, type Call, type Send } from './http';
import {
  type AnswerInfo,
  type ConcurProfiles,
  type ProfileId,
  type ProfileRead,
  type ProfileWrite,
  type SummaryPage,
  type SummaryQuery,
  type WriteResult,
} from './types';
import { decodeProfile, decodeSummaryPage, encodeProfileWrite, toWholeSeconds } from './xml';

const SUMMARY_PATH = '/api/travelprofile/v2.0/summary';
const PROFILE_PATH = '/api/travelprofile/v2.0/profile';
const HEADERS = { accept: 'application/xml', 'content-type': 'application/xml' } as const;
const MAX_ITEMS_PER_PAGE = 200;

export interface ConcurProfilesOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly delays: Delays;
}

/** A call before it has a token and an origin. */
type Unauthorised = Omit<Call, 'origin'>;

interface Judged<T> {
  readonly result: Classified;
  readonly content?: T;
  readonly unreadable?: ConcurUnreadable;
}

function decoded<T>(decode: () => T): Pick<Judged<T>, 'content' | 'unreadable'> {
  try {
    return { content: decode() };
  } catch (error) {
    if (!isConcurUnreadable(error)) throw error;
    return { unreadable: error };
  }
}

/**
 * The Travel Profile v2 calls of one entity (docs/concur.md §3). Every failure is a `ConcurError`; each
 * carries the correlation id of the call.
 */
export function createConcurProfiles(options: ConcurProfilesOptions): ConcurProfiles {
  /** On 401 and 403 the token is refreshed once and the call repeated once (docs/concur.md §2). */
  async function authorised(call: Unauthorised): Promise<Answer> {
    const token = await options.connection.accessToken();
    const answer = await options.send(withToken(call, token));
    if (answer.status !== 401 && answer.status !== 403) return answer;
    const fresh = await options.connection.forceRefresh(token.value);
    return options.send(withToken(call, fresh));
  }

  /**
   * What the answer means, and what `decode` reads from it. Both are known to the journal when it hears of the
   * call; `unreadable` is a success that cannot be read.
   */
  async function classified<T>(
    call: Unauthorised,
    subject: CallSubject,
    decode: (answer: Answer) => T,
  ): Promise<Judged<T> & { readonly answer: Answer }> {
    const judgements = new WeakMap<Answer, Judged<T>>();
    const judge = (answer: Answer): Judged<T> => {
      const known = judgements.get(answer);
      if (known !== undefined) return known;
      const result = classifyAnswer(answer, subject, options.delays);
      const isRead = result.error === undefined && !result.notFound;
      const judged = { result, ...(isRead ? decoded(() => decode(answer)) : {}) };
      judgements.set(answer, judged);
      return judged;
    };
    const failureOf = (answer: Answer): string | undefined => {
      const { result, unreadable } = judge(answer);
      return unreadable?.code ?? result.error?.code ?? (result.notFound ? 'not-found' : undefined);
    };
    const answer = await authorised({ ...call, failureOf });
    return { answer, ...judge(answer) };
  }

  return {
    async listSummaries(query: SummaryQuery): Promise<SummaryPage> {
      const { answer, result, content, unreadable } = await classified(
        {
          function: 'listSummaries',
          method: 'GET',
          path: summaryPath(query),
          template: SUMMARY_PATH,
          headers: HEADERS,
        },
        'list',
        ({ body }) => decodeSummaryPage(body, query),
      );
      if (result.error !== undefined) throw result.error;
      if (content !== undefined) return { ...content, ...infoOf(answer) };
      // A list is about no single record: asking again is all that helps.
      throw new ConcurUnavailable(
        `A page of the summary list came unreadable. It is asked for again. ${unreadable?.message ?? ''}`,
        {
          code: 'summary-unreadable',
          correlationId: answer.correlationId,
          httpStatus: answer.status,
          retryAfterMs: options.delays.retryBaseMs,
        },
      );
    },

    async readProfile(id: ProfileId): Promise<ProfileRead | undefined> {
      const { answer, result, content, unreadable } = await classified(
        {
          function: 'readProfile',
          method: 'GET',
          path: `${PROFILE_PATH}?userid_type=${id.type}&userid_value=${encodeURIComponent(id.value)}`,
          template: `${PROFILE_PATH}?userid_type=${id.type}`,
          headers: HEADERS,
          user: id.value,
        },
        'read',
        ({ body }) => decodeProfile(body, id.type === 'login' ? id.value : undefined),
      );
      if (result.notFound) return undefined;
      if (result.error !== undefined) throw result.error;
      if (content !== undefined) return { profile: content, ...infoOf(answer) };
      throw new ProfileUnreadable(`${unreadable?.message ?? ''} It is read again later.`, {
        correlationId: answer.correlationId,
        httpStatus: answer.status,
      });
    },

    async writeProfile(write: ProfileWrite): Promise<WriteResult> {
      const isCreate = write.action === 'Create';
      const { answer, result } = await classified(
        {
          function: isCreate ? 'createProfile' : 'updateProfile',
          method: 'POST',
          path: PROFILE_PATH,
          template: PROFILE_PATH,
          headers: HEADERS,
          body: encodeProfileWrite(write),
          user: write.loginId,
        },
        isCreate ? 'create' : 'update',
        () => undefined,
      );
      if (result.error !== undefined) throw result.error;
      const warnings = result.messages.filter(({ code }) => isWarning(code));
      return { warnings, ...(result.uuid === undefined ? {} : { uuid: result.uuid }), ...infoOf(answer) };
    },
  };
}

function withToken(call: Unauthorised, token: { readonly value: string; readonly origin: string }): Call {
  return {
    ...call,
    origin: token.origin,
    headers: { ...call.headers, authorization: `Bearer ${token.value}` },
  };
}

/** @throws RangeError where page or page size are out of range: a mistake of the caller's */
function summaryPath(query: SummaryQuery): string {
  const { page, itemsPerPage } = query;
  if (!Number.isInteger(page) || page < 1) throw new RangeError('page must be a whole number from 1');
  if (!Number.isInteger(itemsPerPage) || itemsPerPage < 1 || itemsPerPage > MAX_ITEMS_PER_PAGE) {
    throw new RangeError(`itemsPerPage must be 1–${MAX_ITEMS_PER_PAGE}`);
  }
  const configs = query.travelConfigIds ?? [];
  const parts = [
    ...(query.statusFilter === undefined ? [] : [statusParameter(query.statusFilter)]),
    `LastModifiedDate=${toWholeSeconds(query.since)}`,
    ...(configs.length === 0 ? [] : [`travelConfigs=${configs.map(encodeURIComponent).join(',')}`]),
    // The guide for TMCs sends these three with every list.
    'userid_type=login',
    'userid_value=ALL',
    'includeMetadata=true',
    `Page=${page}`,
    `ItemsPerPage=${itemsPerPage}`,
  ];
  return `${SUMMARY_PATH}?${parts.join('&')}`;
}

/** `Status="Active"`: the quotes are part of the text and have to be escaped in an address. */
function statusParameter(filter: NonNullable<SummaryQuery['statusFilter']>): string {
  const [name = '', value = ''] = filter.split('=');
  return `${name}=${encodeURIComponent(value)}`;
}

function infoOf(answer: Answer): AnswerInfo {
  return {
    correlationId: answer.correlationId,
    ...(answer.serverDate === undefined ? {} : { serverDate: answer.serverDate }),
  };
}
