import { type AuthorisationScheme } from './authorised';
import { type ConcurError } from './errors';
import { type ConcurProfile, type ProfileId, type SummaryQuery } from './types';
import { decodeProfile, toWholeSeconds } from './xml';

const MAX_ITEMS_PER_PAGE = 200;

/** In what the versions of the Travel Profile service differ for a client (docs/concur.md §3, §5). */
export interface ProfileDialect {
  readonly schemes: readonly [AuthorisationScheme, ...AuthorisationScheme[]];
  readonly profilePath: string;
  readonly summaryPath: string;
  /** Parameters of the summary list before `Page` and `ItemsPerPage`. */
  readonly summaryParameters: (query: SummaryQuery) => readonly string[];
  /** @throws ConcurUnreadable */
  readonly decode: (xml: string, id: ProfileId) => ConcurProfile;
  /** Why a profile cannot be asked for in this way; nothing is sent then. */
  readonly refusedRead?: (id: ProfileId) => ConcurError | undefined;
  /** Why nothing can be written; nothing is sent then. */
  readonly refusedWrite?: () => ConcurError;
}

export const VERSION_2: ProfileDialect = {
  schemes: ['Bearer'],
  profilePath: '/api/travelprofile/v2.0/profile',
  summaryPath: '/api/travelprofile/v2.0/summary',
  summaryParameters: (query) => {
    const configs = query.travelConfigIds ?? [];
    return [
      ...(query.statusFilter === undefined ? [] : [statusParameter(query.statusFilter)]),
      since(query),
      ...(configs.length === 0 ? [] : [`travelConfigs=${configs.map(encodeURIComponent).join(',')}`]),
      // The guide for TMCs sends these three with every list.
      'userid_type=login',
      'userid_value=ALL',
      'includeMetadata=true',
    ];
  },
  decode: (xml, id) => decodeProfile(xml, id.type === 'login' ? id.value : undefined),
};

/** `LastModifiedDate`, which every version's list requires. */
export function since(query: SummaryQuery): string {
  return `LastModifiedDate=${toWholeSeconds(query.since)}`;
}

/** @throws RangeError where page or page size are out of range: a mistake of the caller's */
export function summaryAddress(dialect: ProfileDialect, query: SummaryQuery): string {
  const { page, itemsPerPage } = query;
  if (!Number.isInteger(page) || page < 1) throw new RangeError('page must be a whole number from 1');
  if (!Number.isInteger(itemsPerPage) || itemsPerPage < 1 || itemsPerPage > MAX_ITEMS_PER_PAGE) {
    throw new RangeError(`itemsPerPage must be 1–${MAX_ITEMS_PER_PAGE}`);
  }
  const parts = [...dialect.summaryParameters(query), `Page=${page}`, `ItemsPerPage=${itemsPerPage}`];
  return `${dialect.summaryPath}?${parts.join('&')}`;
}

/** `Status="Active"`: the quotes are part of the text and have to be escaped in an address. */
function statusParameter(filter: NonNullable<SummaryQuery['statusFilter']>): string {
  const [name = '', value = ''] = filter.split('=');
  return `${name}=${encodeURIComponent(value)}`;
}
