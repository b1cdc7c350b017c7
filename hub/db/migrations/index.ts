import { type Migration, type MigrationProvider } from 'kysely';
import { initial } from './0001_initial';
import { itemsWithoutClaims } from './0002_items_without_claims';
import { refusedRequests } from './0003_refused_requests';
import { callEvidence } from './0004_call_evidence';
import { pollWishes } from './0005_poll_wishes';
import { switches } from './0006_switches';
import { preparation } from './0007_preparation';
import { reconciliations } from './0009_reconciliations';
import { createIntents } from './0010_create_intents';

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_initial': initial,
  '0002_items_without_claims': itemsWithoutClaims,
  '0003_refused_requests': refusedRequests,
  '0004_call_evidence': callEvidence,
  '0005_poll_wishes': pollWishes,
  '0006_switches': switches,
  '0007_preparation': preparation,
  '0009_reconciliations': reconciliations,
  '0010_create_intents': createIntents,
};

/** Named here one by one: a folder scan would depend on what the bundler or the image leaves on disk. */
export const migrationProvider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...MIGRATIONS }),
};
