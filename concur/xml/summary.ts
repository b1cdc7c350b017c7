import { ConcurUnreadable } from '../errors';
import { type ProfileSummary, type SummaryPage } from '../types';
import { parseStatus, statusText } from './profile';
import {
  childNamed,
  childrenOf,
  element,
  parseDocument,
  sameName,
  textOf,
  toDocument,
  type XmlElement,
} from './tree';

const ROOT = 'ConnectResponse';

/** `2026-01-31T12:34:56[.fff][Z|±hh:mm]`; without a zone it is UTC. */
const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;
/** `1/31/2026 1:34:56 PM`, seen in older services. */
const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ([AP])M$/i;
const SECOND_MS = 1000;

export type DecodedSummaryPage = Pick<
  SummaryPage,
  'rows' | 'page' | 'totalPages' | 'totalItems' | 'withoutLogin'
>;

/**
 * One page of the summary list (docs/concur.md §3). Page addresses in it are not read: pages are asked
 * for by number. Where the page tells no totals, a full page is taken to have a successor.
 * @throws ConcurUnreadable where the XML is cut off or malformed or is no summary list
 */
export function decodeSummaryPage(
  xml: string,
  asked: { readonly page: number; readonly itemsPerPage: number },
): DecodedSummaryPage {
  const root = parseDocument(xml);
  if (!sameName(root.name, ROOT)) {
    throw new ConcurUnreadable('Concur sent another document than a summary list. Nothing of it was used.');
  }
  const data = childNamed(root, 'Data');
  const items = data === undefined ? [] : childrenOf(data).filter((c) => sameName(c.name, 'ProfileSummary'));
  const rows = items.flatMap(rowOf);
  const metadata = childNamed(root, 'Metadata');
  const paging = metadata === undefined ? undefined : childNamed(metadata, 'Paging');
  const page = numberIn(paging, 'Page') ?? asked.page;
  const before = (page - 1) * asked.itemsPerPage;
  const next = items.length >= asked.itemsPerPage ? page + 1 : page;
  return {
    rows,
    page,
    totalPages: numberIn(paging, 'TotalPages') ?? next,
    totalItems: numberIn(paging, 'TotalItems') ?? before + items.length,
    withoutLogin: items.length - rows.length,
  };
}

export interface SummaryPageContent {
  readonly rows: readonly ProfileSummary[];
  readonly page: number;
  readonly itemsPerPage: number;
  readonly totalPages: number;
  readonly totalItems: number;
  readonly previousPageUrl?: string;
  readonly nextPageUrl?: string;
}

/** A page of the summary list as Concur shows it. */
export function encodeSummaryPage(content: SummaryPageContent): string {
  const paging = element('Paging', [
    leaf('TotalPages', String(content.totalPages)),
    leaf('TotalItems', String(content.totalItems)),
    leaf('Page', String(content.page)),
    leaf('ItemsPerPage', String(content.itemsPerPage)),
    leaf('PreviousPageURL', content.previousPageUrl ?? ''),
    leaf('NextPageURL', content.nextPageUrl ?? ''),
  ]);
  const rows = content.rows.map((row) =>
    element('ProfileSummary', [
      ...(row.status === undefined ? [] : [leaf('Status', statusText(row.status))]),
      leaf('LoginID', row.loginId),
      leaf('XmlProfileSyncID', row.xmlProfileSyncId ?? ''),
      leaf('ProfileLastModifiedUTC', toWholeSeconds(row.modifiedAt)),
    ]),
  );
  return toDocument(element(ROOT, [element('Metadata', [paging]), element('Data', rows)]));
}

/** UTC without zone and fraction, as Concur writes and wants times: `YYYY-MM-DDThh:mm:ss`. */
export function toWholeSeconds(time: Date): string {
  return time.toISOString().slice(0, 19);
}

/** @returns undefined where the text is no time that Concur is known to write */
export function parseConcurTime(text: string): Date | undefined {
  const iso = ISO.exec(text.trim());
  if (iso !== null) return validDate(`${iso[1] ?? ''}T${iso[2] ?? ''}${iso[3] ?? 'Z'}`);
  const us = US.exec(text.trim());
  if (us === null) return undefined;
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half = ''] = us;
  const hours = (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  const two = (value: string | number): string => String(value).padStart(2, '0');
  return validDate(`${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}Z`);
}

function validDate(iso: string): Date | undefined {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : new Date(Math.floor(time / SECOND_MS) * SECOND_MS);
}

function rowOf(item: XmlElement): ProfileSummary[] {
  const text = (name: string): string => {
    const child = childNamed(item, name);
    return child === undefined ? '' : textOf(child);
  };
  const loginId = text('LoginID');
  if (loginId === '') return [];
  const status = parseStatus(text('Status'));
  const syncId = text('XMLProfileSyncID');
  return [
    {
      loginId,
      ...(status === undefined ? {} : { status }),
      ...(syncId === '' ? {} : { xmlProfileSyncId: syncId }),
      modifiedAt: parseConcurTime(text('ProfileLastModifiedUTC')) ?? new Date(0),
    },
  ];
}

function numberIn(parent: XmlElement | undefined, name: string): number | undefined {
  const child = parent === undefined ? undefined : childNamed(parent, name);
  const text = child === undefined ? '' : textOf(child);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function leaf(name: string, text: string): XmlElement {
  return element(name, text === '' ? [] : [text]);
}
