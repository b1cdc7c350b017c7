import { createSendAuthorised, infoOf, type UnauthorisedCall, XML_HEADERS } from './authorised';
import { type CallSubject, classifyAnswer, type Classified, type Delays, isWarning } from './classify';
import { type Connection } from './connection';
import { ConcurUnavailable, isConcurUnreadable, ProfileUnreadable } from './errors';
import { type Answer, type Send } from './http';
import {
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
const MAX_ITEMS_PER_PAGE = 200;

export interface ConcurProfilesOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly delays: Delays;
}

/**
 * The Travel Profile v2 calls of one entity (docs/concur.md §3). Every failure is a `ConcurError`; each
 * carries the correlation id of the call.
 */
export function createConcurProfiles(options: ConcurProfilesOptions): ConcurProfiles {
  const authorised = createSendAuthorised(options.connection, options.send);

  async function classified(
    call: UnauthorisedCall,
    subject: CallSubject,
  ): Promise<{ answer: Answer; result: Classified }> {
    const answer = await authorised(call);
    return { answer, result: classifyAnswer(answer, subject, options.delays) };
  }

  return {
    async listSummaries(query: SummaryQuery): Promise<SummaryPage> {
      const { answer, result } = await classified(
        {
          function: 'listSummaries',
          method: 'GET',
          path: summaryPath(query),
          template: SUMMARY_PATH,
          headers: XML_HEADERS,
        },
        'list',
      );
      if (result.error !== undefined) throw result.error;
      try {
        return { ...decodeSummaryPage(answer.body, query), ...infoOf(answer) };
      } catch (error) {
        if (!isConcurUnreadable(error)) throw error;
        // A list is about no single record: asking again is all that helps.
        throw new ConcurUnavailable(
          `A page of the summary list came unreadable. It is asked for again. ${error.message}`,
          {
            code: 'summary-unreadable',
            correlationId: answer.correlationId,
            httpStatus: answer.status,
            retryAfterMs: options.delays.retryBaseMs,
          },
        );
      }
    },

    async readProfile(id: ProfileId): Promise<ProfileRead | undefined> {
      const { answer, result } = await classified(
        {
          function: 'readProfile',
          method: 'GET',
          path: `${PROFILE_PATH}?userid_type=${id.type}&userid_value=${encodeURIComponent(id.value)}`,
          template: `${PROFILE_PATH}?userid_type=${id.type}`,
          headers: XML_HEADERS,
        },
        'read',
      );
      if (result.notFound) return undefined;
      if (result.error !== undefined) throw result.error;
      try {
        const profile = decodeProfile(answer.body, id.type === 'login' ? id.value : undefined);
        return { profile, ...infoOf(answer) };
      } catch (error) {
        if (!isConcurUnreadable(error)) throw error;
        throw new ProfileUnreadable(`${error.message} It is read again later.`, {
          correlationId: answer.correlationId,
          httpStatus: answer.status,
        });
      }
    },

    async writeProfile(write: ProfileWrite): Promise<WriteResult> {
      const isCreate = write.action === 'Create';
      const { answer, result } = await classified(
        {
          function: isCreate ? 'createProfile' : 'updateProfile',
          method: 'POST',
          path: PROFILE_PATH,
          template: PROFILE_PATH,
          headers: XML_HEADERS,
          body: encodeProfileWrite(write),
        },
        isCreate ? 'create' : 'update',
      );
      if (result.error !== undefined) throw result.error;
      const warnings = result.messages.filter(({ code }) => isWarning(code));
      return { warnings, ...(result.uuid === undefined ? {} : { uuid: result.uuid }), ...infoOf(answer) };
    },
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
