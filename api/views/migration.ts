import { type Migration } from '../../hub';
import { isoOrNull } from '../paging';
import { type MigrationJson } from '../schemas/migration';

export function migrationJson(migration: Migration): MigrationJson {
  return {
    number: migration.number,
    strategy: migration.strategy,
    state: migration.state,
    digest: migration.digest ?? null,
    counts: migration.counts,
    plannedAt: isoOrNull(migration.plannedAt),
    approvedAt: isoOrNull(migration.approvedAt),
    completedAt: isoOrNull(migration.completedAt),
    report: reportJson(migration),
    error: migration.error ?? null,
    createdAt: migration.createdAt.toISOString(),
  };
}

function reportJson({ report }: Migration): MigrationJson['report'] {
  if (report === undefined) return null;
  const { verified, equal, differs, notTaken, missing, unverified, notRemovable, warnings } = report;
  return {
    verified,
    equal,
    differs: differs.map(({ travellerId, fields }) => ({ travellerId, fields: [...fields] })),
    notTaken: (notTaken ?? []).map(({ travellerId, fields }) => ({ travellerId, fields: [...fields] })),
    missing: [...missing],
    unverified: [...unverified],
    notRemovable,
    warnings,
  };
}
