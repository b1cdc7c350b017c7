import { type Entity } from '../api-types';

/** What Concur asks for and the entity may lack. */
const WANTED = [
  { key: 'ids.outtaskId', title: 'entity id', of: (entity: Entity) => entity.ids?.outtaskId },
  { key: 'ids.siteId', title: 'site id', of: (entity: Entity) => entity.ids?.siteId },
  {
    key: 'ids.vendorSiteIds',
    title: 'vendor site ids',
    of: (entity: Entity) => joined(entity.ids?.vendorSiteIds),
  },
] as const;

const UNKNOWN = '(to be added)';

function joined(list: readonly string[] | null | undefined): string | undefined {
  return list === undefined || list === null || list.length === 0 ? undefined : list.join(', ');
}

export function missingForCase(entity: Entity): { readonly key: string; readonly title: string }[] {
  return WANTED.filter(({ of }) => (of(entity) ?? '') === '').map(({ key, title }) => ({ key, title }));
}

/**
 * The case that the customer opens with Concur (docs/concur.md §8): "API token request", with the entity, the
 * site ids and the vendor site ids of the managing TMC. Holds no secret.
 */
export function caseText(
  entity: Entity,
  applicationName: string | undefined,
): { readonly subject: string; readonly body: string } {
  const rows = [
    ['Company', entity.name],
    ['Company UUID', entity.companyUuid],
    ['Company id', entity.ids?.companyId ?? undefined],
    ['Entity id', entity.ids?.outtaskId ?? UNKNOWN],
    ['Travel config id', entity.travelConfigId],
    ['Site ids', entity.ids?.siteId ?? UNKNOWN],
    ['Vendor site ids', joined(entity.ids?.vendorSiteIds) ?? UNKNOWN],
    ['Application', applicationName],
  ] as const;
  const known = rows.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...known.map(([label]) => label.length)) + 1;
  const lines = known.map(([label, value]) => `${`${label}:`.padEnd(width)} ${value ?? ''}`);
  return {
    subject: 'API token request',
    body: [
      'Please issue a company request token for the application that keeps our travel profiles in step.',
      '',
      ...lines,
      '',
      'The token must be exchanged within its lifetime. Please tell us the time at which it was issued.',
    ].join('\n'),
  };
}
