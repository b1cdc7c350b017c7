import { type Settings } from '../../config';
import { supportHoursText } from '../../sync/model/support-hours';
import { type Entity } from '../api-types';

/** What Concur asks for and the entity may lack. */
const WANTED = [
  { key: 'ids.outtaskId', title: 'entity id', of: (entity: Entity) => entity.ids?.outtaskId },
  { key: 'ids.siteId', title: 'site ids', of: (entity: Entity) => entity.ids?.siteId },
  {
    key: 'ids.vendorSiteIds',
    title: 'vendor site ids',
    of: (entity: Entity) => joined(entity.ids?.vendorSiteIds),
  },
] as const;
const APPLICATION = { key: 'CONCUR_APPLICATION_NAME', title: 'application' } as const;

const UNKNOWN = '(to be added)';

function joined(list: readonly string[] | null | undefined): string | undefined {
  return list === undefined || list === null || list.length === 0 ? undefined : list.join(', ');
}

export interface Missing {
  /** Of the entity, or the name of a setting. */
  readonly key: string;
  readonly title: string;
}

export function missingForCase(entity: Entity, application: string | undefined): Missing[] {
  const ofEntity = WANTED.filter(({ of }) => isEmpty(of(entity))).map(({ key, title }) => ({ key, title }));
  return isEmpty(application) ? [...ofEntity, APPLICATION] : ofEntity;
}

function isEmpty(value: string | null | undefined): boolean {
  return (value ?? '').trim() === '';
}

/** What is missing, and how to set it. */
export function missingNotes(entityId: string, missing: readonly Missing[]): string[] {
  if (missing.length === 0) return [];
  const ofEntity = missing.filter(({ key }) => key !== APPLICATION.key);
  const titles = missing.map(({ title }) => title).join(', ');
  return [
    `Not known yet: ${titles}. Add it, so that Concur need not ask:`,
    ...(ofEntity.length === 0
      ? []
      : [`  concordance entity set ${entityId} ${ofEntity.map(({ key }) => `${key}=…`).join(' ')}`]),
    ...(ofEntity.length === missing.length
      ? []
      : [`  ${APPLICATION.key}=… in the environment or in .env: the application’s name as SAP knows it`]),
  ];
}

interface CaseFacts {
  readonly application: string | undefined;
  readonly supportHours: Settings['SUPPORT_HOURS'];
}

/**
 * The case that the customer opens with Concur (docs/concur.md §8): "API token request", with the entity, the
 * site ids and the vendor site ids of the managing TMC. Holds no secret.
 */
export function caseText(
  entity: Entity,
  { application, supportHours }: CaseFacts,
): { readonly subject: string; readonly body: string } {
  const companyId = entity.ids?.companyId;
  const rows = [
    ['Application', application],
    ['Company', entity.name],
    ['Company UUID', entity.companyUuid],
    ...(isEmpty(companyId) ? [] : [['Company id', companyId] as const]),
    ['Entity id (Outtask id)', entity.ids?.outtaskId],
    ['Travel config id', entity.travelConfigId],
    ['Site ids', entity.ids?.siteId],
    ['Vendor site ids of the managing TMC', joined(entity.ids?.vendorSiteIds)],
  ] as const;
  const width = Math.max(...rows.map(([label]) => label.length)) + 1;
  const lines = rows.map(([label, value]) => {
    const shown = isEmpty(value) ? UNKNOWN : (value ?? UNKNOWN);
    return `${`${label}:`.padEnd(width)} ${shown}`;
  });
  return {
    subject: 'API token request',
    body: [
      'We ask for credentials of the Travel Profile API for the company below: please enable the application for',
      'it, and issue a company request token. The application keeps the travel profiles of the company in step.',
      '',
      ...lines,
      '',
      'The token lives for some hours only and has to be exchanged within them. Please tell us the time at which it',
      `was issued, and issue it when it can be received: ${supportHoursText(supportHours)}.`,
    ].join('\n'),
  };
}
