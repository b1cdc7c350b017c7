import { encodeSummaryPage } from '../../concur/xml';
import { type ProfileStatus } from '../../profile';
import { authoriseProfiles, isReply } from './access';
import { type Call, errorReply, noteViolation, type Reply, xmlReply } from './call';
import { type Company } from './company';
import { textAt, treeAt } from './tree';
import { type StoredProfile } from './types';
import { type World } from './world';

const MOST_PER_PAGE = 200;
const WHOLE_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
const WHOLE_NUMBER = /^[1-9]\d{0,8}$/;

interface SummaryQuery {
  readonly since: number;
  readonly page: number;
  readonly itemsPerPage: number;
  readonly status?: ProfileStatus;
  readonly travelConfigs?: readonly string[];
}

/** `GET /api/travelprofile/v2.0/summary`; v1's list shows no status. */
export function summary(world: World, call: Call, form: SummaryForm = { showsStatus: true }): Reply {
  const access = authoriseProfiles(world, call);
  if (isReply(access)) return access;
  const query = parseQuery(call.query);
  if (typeof query === 'string') {
    noteViolation(world, call, 'bad-query', query);
    return errorReply(world, 400, query);
  }
  const foreign = query.travelConfigs?.find((id) => !access.company.travelConfigIds.includes(id));
  if (foreign !== undefined) {
    const message = `The application is not configured for the travel configuration ${foreign}.`;
    return errorReply(world, 400, [{ code: 'EC4', message, correlationId: call.correlationId }]);
  }
  return page(world, call, access.company, query, form);
}

interface SummaryForm {
  readonly showsStatus: boolean;
}

function page(
  world: World,
  call: Call,
  company: Company,
  query: SummaryQuery,
  { showsStatus }: SummaryForm,
): Reply {
  const { rows, total } = world.store
    .inOrder(company.companyUuid)
    .page(
      ({ modifiedAt }) => modifiedAt <= query.since,
      filterOf(query, company),
      (query.page - 1) * query.itemsPerPage,
      query.itemsPerPage,
    );
  const totalPages = Math.ceil(total / query.itemsPerPage);
  const url = (number: number): string | undefined =>
    number < 1 || number > totalPages ? undefined : pageUrl(world, call, company, number);
  const previousPageUrl = url(query.page - 1);
  const nextPageUrl = url(query.page + 1);
  const content = {
    rows: rows.map(({ loginId, status, xmlProfileSyncId, modifiedAt }) => ({
      loginId,
      ...(showsStatus ? { status } : {}),
      xmlProfileSyncId,
      modifiedAt: new Date(modifiedAt),
    })),
    page: query.page,
    itemsPerPage: query.itemsPerPage,
    totalPages,
    totalItems: total,
    ...(previousPageUrl === undefined ? {} : { previousPageUrl }),
    ...(nextPageUrl === undefined ? {} : { nextPageUrl }),
  };
  return xmlReply(200, encodeSummaryPage(content));
}

function pageUrl(world: World, call: Call, company: Company, number: number): string {
  const query = new URLSearchParams(call.query);
  for (const name of [...query.keys()]) if (name.toLowerCase() === 'page') query.delete(name);
  query.set('Page', String(number));
  return `${world.dataCentreOf(company).origin}${call.path}?${query.toString()}`;
}

function filterOf(query: SummaryQuery, company: Company): ((profile: StoredProfile) => boolean) | undefined {
  const { status, travelConfigs } = query;
  const all =
    travelConfigs === undefined || company.travelConfigIds.every((id) => travelConfigs.includes(id));
  if (status === undefined && all) return undefined;
  return (profile) => {
    if (status !== undefined && profile.status !== status) return false;
    return all || travelConfigs.includes(textAt(treeAt(profile.sections, 'general'), 'travelConfigId') ?? '');
  };
}

/** @returns what is wrong, in words, where the query cannot be answered */
function parseQuery(parameters: URLSearchParams): SummaryQuery | string {
  const values = new Map([...parameters].map(([name, value]) => [name.toLowerCase(), value]));
  const lastModified = values.get('lastmodifieddate');
  if (lastModified === undefined || lastModified === '') return 'LastModifiedDate is required.';
  const since = WHOLE_SECONDS.test(lastModified) ? Date.parse(`${lastModified}Z`) : NaN;
  if (Number.isNaN(since)) return 'LastModifiedDate must be a UTC time YYYY-MM-DDThh:mm:ss.';
  const pageText = values.get('page') ?? '1';
  const itemsText = values.get('itemsperpage') ?? String(MOST_PER_PAGE);
  if (!WHOLE_NUMBER.test(pageText)) return 'Page must be a whole number from 1.';
  if (!WHOLE_NUMBER.test(itemsText) || Number(itemsText) > MOST_PER_PAGE) {
    return `ItemsPerPage must be a whole number from 1 to ${MOST_PER_PAGE}.`;
  }
  const status = parseStatus(values.get('active'), values.get('status'));
  if (status === 'unknown') return 'The status filter must be Active=1, Active=0 or Status="Active".';
  const configs = (values.get('travelconfigs') ?? '').split(',').map((id) => id.trim());
  const travelConfigs = configs.filter((id) => id !== '');
  return {
    since,
    page: Number(pageText),
    itemsPerPage: Number(itemsText),
    ...(status === undefined ? {} : { status }),
    ...(travelConfigs.length === 0 ? {} : { travelConfigs }),
  };
}

function parseStatus(active?: string, status?: string): ProfileStatus | 'unknown' | undefined {
  if (active === '1') return 'active';
  if (active === '0') return 'inactive';
  if (active !== undefined) return 'unknown';
  if (status === undefined) return undefined;
  // The quotes are part of the parameter's text in SAP's guide.
  const word = status.replace(/^"(.*)"$/, '$1').toLowerCase();
  return word === 'active' || word === 'inactive' ? word : 'unknown';
}
