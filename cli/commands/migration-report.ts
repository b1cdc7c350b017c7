import { type Migration, type MigrationItem } from '../api-types';
import { type Outcome } from '../command';
import { type Cell } from '../output';
import { type Session } from '../session';
import { count, some } from '../text';
import { exitOf } from './migration-view';

/** On the screen; `--json` has all. */
const SHOWN = 20;
const OPEN_OUTCOMES = new Set(['quarantined', 'needs-approval']);

/** Plan, outcome and verification, with every traveller somebody has to look at. */
export async function showReport(session: Session, id: string, migration: Migration): Promise<Outcome> {
  const open = await openItems(session, id, migration);
  return {
    data: { ...migration, openItems: open.map(({ xml: _xml, ...item }) => item) },
    exit: exitOf(migration),
    show: () => {
      const { output } = session;
      const { counts } = migration;
      output.heading(`Report of migration ${migration.number} of ${id} (${migration.state})`);
      output.pairs(
        [
          ['Planned', sum(counts.create, counts.update, counts.bind, counts.unchanged, counts.refused)],
          ['Done', count(counts.done)],
          ['Unchanged', count(counts.unchanged)],
          ['Refused by the checks', count(counts.refused)],
          ['Quarantined', count(counts.quarantined)],
          ['Needs approval', count(counts.needsApproval)],
          ['Skipped', count(counts.skipped)],
          ...verificationRows(migration),
        ],
        '  ',
      );
      listOpen(session, open);
      listDifferences(session, migration);
    },
  };
}

function sum(...numbers: readonly number[]): string {
  return count(numbers.reduce((total, each) => total + each, 0));
}

function verificationRows({ report }: Migration): (readonly [string, Cell])[] {
  if (report === undefined || report === null) return [['Verification', 'not done yet']];
  return [
    ['Verified', count(report.verified)],
    ['Equal field by field', count(report.equal)],
    ['Equal but for fields Concur would not take', count(report.notTaken.length)],
    ['Different', count(report.differs.length)],
    ['Missing in Concur', count(report.missing.length)],
    ['Not verified', count(report.unverified.length)],
    ['Warnings', count(report.warnings)],
    ['Not removable', count(report.notRemovable)],
  ];
}

async function openItems(session: Session, id: string, migration: Migration): Promise<MigrationItem[]> {
  const { counts, number } = migration;
  if (counts.refused + counts.quarantined + counts.needsApproval === 0) return [];
  const open: MigrationItem[] = [];
  for await (const item of session.api.migrationItems(id, number)) {
    if (item.action === 'refused' || OPEN_OUTCOMES.has(item.outcome ?? '')) open.push(item);
  }
  return open;
}

function listOpen({ output }: Session, open: readonly MigrationItem[]): void {
  if (open.length === 0) return;
  output.line();
  output.table(
    [{ title: 'TRAVELLER', max: 28 }, { title: 'OUTCOME' }, { title: 'CODE' }, { title: 'REASON', max: 60 }],
    open
      .slice(0, SHOWN)
      .map(({ travellerId, outcome, action, code, reason, detail }) => [
        travellerId,
        outcome ?? action,
        code,
        reason ?? detail,
      ]),
  );
  if (open.length > SHOWN)
    output.line(`… and ${some(open.length - SHOWN, 'more', 'more')}: --json shows all.`);
}

function listDifferences({ output }: Session, { report }: Migration): void {
  if (report === undefined || report === null) return;
  const rows = [
    ...report.differs.map(({ travellerId, fields }) => [travellerId, fields.join(', ')]),
    ...report.missing.map((travellerId) => [travellerId, 'no profile in Concur']),
    ...report.notTaken.map(({ travellerId, fields }) => [travellerId, `not taken: ${fields.join(', ')}`]),
  ];
  if (rows.length === 0) return;
  output.line();
  output.table(
    [
      { title: 'TRAVELLER', max: 28 },
      { title: 'DIFFERS IN', max: 68 },
    ],
    rows.slice(0, SHOWN),
  );
  if (rows.length > SHOWN)
    output.line(`… and ${some(rows.length - SHOWN, 'more', 'more')}: --json shows all.`);
}
