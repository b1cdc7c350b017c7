import { type Reconciliation, type ReconciliationItem } from '../api-types';
import { type Outcome } from '../command';
import { CliError, EXIT, UsageError } from '../errors';
import { type Session } from '../session';
import { instant, some } from '../text';

/** On the screen; `--json` has more. */
const SHOWN = 20;
const MOST = 1_000;

/** The one that is named, or the newest. */
export async function chosenReconciliation(
  session: Session,
  id: string,
  named: string | undefined,
): Promise<Reconciliation> {
  if (named !== undefined) {
    if (!/^[1-9]\d*$/.test(named)) throw new UsageError(`"${named}" is no number of a reconciliation.`);
    return session.api.reconciliation(id, Number(named));
  }
  const newest = (await session.api.reconciliations(id)).at(-1);
  if (newest !== undefined) return newest;
  throw new CliError(
    'reconciliation-unknown',
    `${id} was not compared with Concur yet. Do it now: concordance reconcile ${id}`,
  );
}

export async function listOutcome(session: Session, id: string): Promise<Outcome> {
  const reports = await session.api.reconciliations(id);
  return {
    data: reports,
    show: () => {
      if (reports.length === 0) return session.output.line(`${id} was not compared with Concur yet.`);
      session.output.table(
        [{ title: 'NO' }, { title: 'BEGAN' }, { title: 'STATE' }, { title: 'FOUND', max: 80 }],
        reports.map((report) => [
          String(report.number),
          instant(report.startedAt ?? report.createdAt),
          report.state,
          report.error ?? foundWords(report),
        ]),
      );
    },
  };
}

/** Counts, and the travellers that somebody may have to look at. */
export async function reportOutcome(
  session: Session,
  id: string,
  report: Reconciliation,
  outcome?: string,
): Promise<Outcome> {
  const listing = { limit: MOST, query: { outcome } };
  const items = await session.api.reconciliationItems(id, report.number, listing);
  return {
    data: { ...report, items },
    show: () => showReport(session, id, report, items),
    exit: report.state === 'running' || report.inStep === true ? EXIT.done : EXIT.attention,
  };
}

function showReport(
  { output }: Session,
  id: string,
  report: Reconciliation,
  items: readonly ReconciliationItem[],
): void {
  output.heading(`Reconciliation ${report.number} of ${id} (${report.state})`);
  output.line(report.error ?? foundWords(report));
  if (report.withoutLogin > 0)
    output.line(`${some(report.withoutLogin, 'profile')} in Concur without a login could not be compared.`);
  if (report.repair)
    output.line(
      `${some(report.repaired, 'record')} handed on. Whether it helped: concordance reconcile ${id}`,
    );
  if (items.length === 0) return;
  output.line();
  output.table(
    [{ title: 'TRAVELLER', max: 28 }, { title: 'FOUND' }, { title: 'FIELDS, OR WHY', max: 90 }],
    items
      .slice(0, SHOWN)
      .map((item) => [item.travellerId ?? item.concurLoginId ?? '', item.outcome, remarkOn(item)]),
  );
  if (items.length > SHOWN)
    output.line(
      `… and ${items.length - SHOWN} more: concordance reconciliation show ${id} ${report.number} --json`,
    );
}

function remarkOn({ fields, code, reason }: ReconciliationItem): string {
  const why = [code, reason].filter((part) => part !== undefined && part !== null).join(': ');
  return [...(fields.length > 0 ? [fields.join(', ')] : []), ...(why === '' ? [] : [why])].join(' – ');
}

const WORDS = [
  ['equal', 'equal'],
  ['differs', 'different'],
  ['onlyHere', 'only here'],
  ['onlyThere', 'only in Concur'],
  ['pending', 'about to be settled'],
  ['quarantined', 'quarantined'],
  ['held', 'held'],
  ['notRemovable', 'equal but for fields that stay different'],
  ['unread', 'not readable'],
] as const;

function foundWords({ counts }: Reconciliation): string {
  const found = WORDS.filter(([name], index) => index === 0 || counts[name] > 0);
  return `${found.map(([name, words]) => `${counts[name]} ${words}`).join(', ')}.`;
}
