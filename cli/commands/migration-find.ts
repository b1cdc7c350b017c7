import { type ApiClient } from '../api-client';
import { type Migration } from '../api-types';
import { CliError, UsageError } from '../errors';
import { type Session } from '../session';

/** The migration with the highest number, or undefined. @throws ApiProblem when the entity is not known */
export async function findLatestMigration(api: ApiClient, id: string): Promise<Migration | undefined> {
  const migrations = await api.migrations(id);
  return migrations.reduce<Migration | undefined>(
    (latest, each) => (latest === undefined || each.number > latest.number ? each : latest),
    undefined,
  );
}

/** @throws UsageError for anything but 1, 2, 3 … */
export function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`The number of a migration is 1, 2, 3 …, not "${text}".`);
}

/**
 * The migration that was named, else the latest.
 * @throws CliError when none was named and there is none yet
 */
export async function chosenMigration(
  session: Session,
  id: string,
  n: string | undefined,
): Promise<Migration> {
  const number = n === undefined ? undefined : numberOf(n);
  if (number !== undefined) return session.api.migration(id, number);
  const latest = await findLatestMigration(session.api, id);
  if (latest !== undefined) return latest;
  throw new CliError(
    'no-migration',
    `${id} has no migration yet. The first one is planned by itself once the request token is exchanged; ` +
      `\`concordance entity show ${id}\` says what it waits for.`,
  );
}
