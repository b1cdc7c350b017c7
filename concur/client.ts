import { createSendAuthorised, infoOf, XML_HEADERS } from './authorised';
import { type Delays, isWarning } from './classify';
import { withWords } from './codes';
import { type Connection } from './connection';
import { type ProfileDialect, summaryAddress, VERSION_2 } from './dialect';
import { ConcurUnavailable, ProfileUnreadable } from './errors';
import { type Send } from './http';
import { createSendJudged } from './judged';
import {
  type ConcurProfiles,
  type ProfileId,
  type ProfileRead,
  type ProfileWrite,
  type SummaryPage,
  type SummaryQuery,
  type WriteResult,
} from './types';
import { decodeSummaryPage, encodeProfileWrite } from './xml';

export interface ConcurProfilesOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly delays: Delays;
}

/**
 * The Travel Profile calls of one entity (docs/concur.md §3), version 2 unless another dialect is given. Every
 * failure is a `ConcurError`; each carries the correlation id of the call.
 */
export function createConcurProfiles(
  options: ConcurProfilesOptions,
  dialect: ProfileDialect = VERSION_2,
): ConcurProfiles {
  const authorised = createSendAuthorised(options.connection, options.send, dialect.schemes);
  const send = createSendJudged(authorised, options.delays);

  return {
    async listSummaries(query: SummaryQuery): Promise<SummaryPage> {
      const { answer, result, content, unreadable } = await send(
        {
          function: 'listSummaries',
          method: 'GET',
          path: summaryAddress(dialect, query),
          template: dialect.summaryPath,
          headers: XML_HEADERS,
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
      const refused = dialect.refusedRead?.(id);
      if (refused !== undefined) throw refused;
      const { answer, result, content, unreadable } = await send(
        {
          function: 'readProfile',
          method: 'GET',
          path: `${dialect.profilePath}?userid_type=${id.type}&userid_value=${encodeURIComponent(id.value)}`,
          template: `${dialect.profilePath}?userid_type=${id.type}`,
          headers: XML_HEADERS,
          user: id.value,
        },
        'read',
        ({ body }) => dialect.decode(body, id),
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
      const refused = dialect.refusedWrite?.();
      if (refused !== undefined) throw refused;
      const isCreate = write.action === 'Create';
      const { answer, result } = await send(
        {
          function: isCreate ? 'createProfile' : 'updateProfile',
          method: 'POST',
          path: dialect.profilePath,
          template: dialect.profilePath,
          headers: XML_HEADERS,
          body: encodeProfileWrite(write),
          user: write.loginId,
        },
        isCreate ? 'create' : 'update',
        () => undefined,
      );
      if (result.error !== undefined) throw result.error;
      const warnings = result.messages.filter(({ code }) => isWarning(code)).map(withWords);
      return { warnings, ...(result.uuid === undefined ? {} : { uuid: result.uuid }), ...infoOf(answer) };
    },
  };
}
