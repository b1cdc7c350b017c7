import { type Command } from 'commander';
import { type Reconciliation } from '../api-types';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { CliError } from '../errors';
import { type Progress } from '../progress';
import { type Session } from '../session';
import { waitFor } from '../wait';
import { acceptedOutcome, noteIfPending } from './accepted';
import { chosenReconciliation, listOutcome, reportOutcome } from './reconciliation-view';

/** A large company takes hours; whoever does not want to wait says --no-wait. */
const WAIT = { everyMs: 250, limitMs: 24 * 3_600_000 } as const;

export function addReconcileCommands(app: App, program: Command): void {
  addCommand<WaitOption & { readonly repair?: boolean }>(app, program, {
    usage: 'reconcile <id>',
    summary: 'Compare all travellers with Concur now; exit code 3 where they are not in step',
    examples: ['reconcile acme', 'reconcile acme --repair', 'reconcile acme --json'],
    configure: (command) =>
      withWait(
        command.option(
          '--repair',
          'then hand what differs to the publisher, what only Concur has to the pull',
        ),
      ),
    run: async (session, args, { repair, wait }) => reconcile(session, args.get('id'), repair === true, wait),
  });
  const group = addGroup(program, 'reconciliation', 'Reports of comparisons with Concur', [
    'reconciliation list acme',
    'reconciliation show acme',
  ]);
  addCommand(app, group, {
    usage: 'list <id>',
    summary: 'List the comparisons of a company with Concur',
    examples: ['reconciliation list acme'],
    run: async (session, args) => listOutcome(session, args.get('id')),
  });
  addCommand<{ readonly outcome?: string }>(app, group, {
    usage: 'show <id> [n]',
    summary: 'Show what a comparison found; without a number the newest one',
    examples: ['reconciliation show acme', 'reconciliation show acme 3 --outcome differs'],
    configure: (command) =>
      command.option('--outcome <outcome>', 'only these, e.g. differs, only-here, only-there, quarantined'),
    run: async (session, args, { outcome }) => {
      const id = args.get('id');
      const report = await chosenReconciliation(session, id, args.find('n'));
      return reportOutcome(session, id, report, outcome);
    },
  });
}

async function reconcile(session: Session, id: string, repair: boolean, wait: boolean): Promise<Outcome> {
  const { api, context } = session;
  const accepted = await api.reconcile(id, repair);
  const { number } = accepted;
  const look = `concordance reconciliation show ${id} ${number}`;
  if (!wait) return acceptedOutcome(session, accepted, look);
  noteIfPending(session, accepted);
  const message = `Reconciliation ${number} of ${id} goes on by itself: ${look}`;
  let bar: Progress | undefined;
  let listing = false;
  try {
    const report = await waitFor(context.clock, { ...WAIT, message }, async () => {
      const now = await api.reconciliation(id, number);
      if (bar === undefined && now.travellers > 0) bar = session.progress('Comparing', now.travellers);
      bar?.update(Math.min(now.compared, now.travellers));
      if (now.listed > 0 && !listing) {
        listing = true;
        bar?.finish();
        session.note('Looking through Concur’s list …');
      }
      return now.state === 'running' ? undefined : now;
    });
    return await reportOutcome(session, id, withoutFailure(id, report));
  } finally {
    if (!listing) bar?.finish();
  }
}

function withoutFailure(id: string, report: Reconciliation): Reconciliation {
  if (report.state === 'completed') return report;
  const why = report.error ?? 'The log of the worker says why.';
  throw new CliError(
    `reconciliation-${report.state}`,
    `Reconciliation ${report.number} of ${id} ended without a result: ${why}`,
  );
}
