import { type ConcurProfilesOptions, createConcurProfiles } from './client';
import { type ProfileDialect, since } from './dialect';
import { NotInVersion1 } from './errors';
import { type ConcurProfiles } from './types';
import { decodeProfileV1 } from './xml';

const PATH = '/api/travelprofile/v1.0/profile';

/** The list and the profile have one address; the list knows neither status nor travel configs. */
const VERSION_1: ProfileDialect = {
  // Bearer is accepted today, OAuth is what v1's own description says (docs/concur.md §5).
  schemes: ['Bearer', 'OAuth'],
  profilePath: PATH,
  summaryPath: PATH,
  summaryParameters: (query) => [since(query)],
  decode: (xml, id) => decodeProfileV1(xml, id.type === 'login' ? id.value : ''),
  refusedRead: (id) =>
    id.type === 'uuid'
      ? new NotInVersion1(
          'Travel Profile v1 finds nobody by UUID, so the traveller could not be looked for. Correct the ' +
            'login, or move the entity to apiVersion 2.',
          { code: 'NoUuidInVersion1' },
        )
      : undefined,
  refusedWrite: () =>
    new NotInVersion1(
      'Travel Profile v1 can only be read, so nothing was sent. Move the entity to apiVersion 2 as soon as ' +
        'Concur has enabled it, then retry.',
      { code: 'ReadOnlyVersion' },
    ),
};

/**
 * The Travel Profile v1 calls of one entity (docs/concur.md §5): reads only. Every traveller of the company is
 * listed, whatever the travel configuration, and no row tells a status.
 * @throws NotInVersion1 from `writeProfile`, and from `readProfile` by UUID
 */
export function createConcurProfilesV1(options: ConcurProfilesOptions): ConcurProfiles {
  return createConcurProfiles(options, VERSION_1);
}

/** How long the version of an entity is remembered, milliseconds. */
const REMEMBERED_MS = 30_000;

/**
 * The calls of the version that the entity is on. A change takes effect after half a minute at the latest.
 * What a profile was read with stands on the profile, so that a change in between is no danger.
 */
export function createVersionedProfiles(
  options: ConcurProfilesOptions,
  version: { readonly read: () => Promise<1 | 2>; readonly now: () => Date },
): ConcurProfiles {
  const versions = { 1: createConcurProfilesV1(options), 2: createConcurProfiles(options) } as const;
  let known: { readonly version: 1 | 2; readonly until: number } | undefined;
  const current = async (): Promise<ConcurProfiles> => {
    const now = version.now().getTime();
    if (known === undefined || known.until <= now) {
      known = { version: await version.read(), until: now + REMEMBERED_MS };
    }
    return versions[known.version];
  };
  return {
    listSummaries: async (query) => (await current()).listSummaries(query),
    readProfile: async (id) => (await current()).readProfile(id),
    writeProfile: async (write) => (await current()).writeProfile(write),
  };
}
