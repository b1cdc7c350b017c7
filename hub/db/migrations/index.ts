import { type Migration, type MigrationProvider } from 'kysely';
import { initial } from './0001_initial';

const MIGRATIONS: Readonly<Record<string, Migration>> = { '0001_initial': initial };

/** Named here one by one: a folder scan would depend on what the bundler or the image leaves on disk. */
export const migrationProvider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...MIGRATIONS }),
};
