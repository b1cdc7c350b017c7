import { type Migration, type MigrationCounts } from '../api-types';
import { EXIT, type ExitCode } from '../errors';
import { type Output } from '../output';
import { count, instant, some } from '../text';

const OVER = new Set(['completed', 'rejected', 'cancelled', 'failed']);

export function isOver({ state }: Pick<Migration, 'state'>): boolean {
  return OVER.has(state);
}

const PLAN = ['create', 'update', 'bind', 'unchanged', 'refused'] as const;
const OUTCOME = ['done', 'quarantined', 'needsApproval', 'skipped'] as const;

/** How many of the planned writes have ended, one way or the other. */
export function workOf(counts: MigrationCounts): { readonly done: number; readonly total: number } {
  return {
    done: counts.done + counts.quarantined + counts.needsApproval + counts.skipped,
    total: counts.create + counts.update + counts.bind,
  };
}

/** Done, but somebody has to look at what was not. */
export function exitOf({ state, counts, report }: Migration): ExitCode {
  if (state === 'failed') return EXIT.failed;
  const open = counts.quarantined + counts.needsApproval + counts.refused + foundDifferent(report);
  return open > 0 || state === 'awaiting-final-approval' ? EXIT.attention : EXIT.done;
}

/** How many travellers the verification found otherwise in Concur than in the hub. */
function foundDifferent(report: Migration['report']): number {
  return report === undefined || report === null ? 0 : report.differs.length + report.missing.length;
}

function numbers(
  output: Output,
  names: readonly ((typeof PLAN)[number] | (typeof OUTCOME)[number])[],
  counts: MigrationCounts,
): void {
  const columns = names.map((name) => ({
    title: name.replace(/[A-Z]/, (letter) => ` ${letter}`).toUpperCase(),
    align: 'right' as const,
  }));
  output.table(columns, [names.map((name) => count(counts[name]))]);
}

export function showPlan(output: Output, counts: MigrationCounts): void {
  numbers(output, PLAN, counts);
}

export function showMigration(output: Output, id: string, migration: Migration): void {
  const { number, strategy, state, counts, digest } = migration;
  output.heading(`Migration ${number} of ${id}`);
  output.pairs(
    [
      ['Strategy', strategy],
      ['State', state],
      ['Digest', digest],
      ['Planned', instant(migration.plannedAt)],
      ['Approved', instant(migration.approvedAt)],
      ['Completed', instant(migration.completedAt)],
      ...(migration.error === undefined || migration.error === null
        ? []
        : [['Error', migration.error] as const]),
    ],
    '  ',
  );
  output.line();
  showPlan(output, counts);
  if (workOf(counts).done > 0 || isOver(migration)) {
    output.line();
    numbers(output, OUTCOME, counts);
  }
  for (const line of nextSteps(id, migration)) output.line(line);
}

function nextSteps(id: string, { number, strategy, state, counts, digest, report }: Migration): string[] {
  const lines: string[] = [];
  if (counts.refused > 0) {
    lines.push(
      `${some(counts.refused, 'traveller')} cannot be published; why: concordance migration report ${id} ${number}`,
    );
  }
  if (state === 'awaiting-approval') {
    const given = digest === undefined || digest === null ? '' : ` --digest ${digest}`;
    lines.push(`See what would be sent: concordance migration xml ${id} ${number} <traveller>`);
    lines.push(`Approve it:             concordance migration approve ${id} ${number}${given}`);
  }
  if (state === 'awaiting-final-approval') {
    lines.push(
      `The last step cannot be undone: concordance migration approve ${id} ${number} --step deactivate-old`,
    );
  }
  if (counts.quarantined > 0) {
    lines.push(
      `${some(counts.quarantined, 'traveller')} refused by Concur: concordance quarantine list --entity ${id}`,
    );
  }
  if (counts.needsApproval > 0) {
    lines.push(
      `${some(counts.needsApproval, 'traveller')} had changed in Concur since the plan; ` +
        `plan another migration for them: concordance migration plan ${id} --strategy ${strategy}`,
    );
  }
  const different = foundDifferent(report);
  if (different > 0) {
    lines.push(
      `${some(different, 'traveller')} ${different === 1 ? 'differs or is' : 'differ or are'} missing in Concur: ` +
        `concordance migration report ${id} ${number}`,
    );
  }
  return lines.length === 0 ? [] : ['', ...lines];
}
