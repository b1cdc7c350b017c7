import { type Command } from 'commander';
import { type Migration } from '../api-types';
import { ask, canAsk } from '../ask';
import { addCommand, type App, type Outcome, type WaitOption, withWait } from '../command';
import { CliError, UsageError } from '../errors';
import { type Session } from '../session';
import { some } from '../text';
import { acceptedOutcome, noteIfPending } from './accepted';
import { chosenMigration as chosen } from './migration-find';
import { exitOf, showMigration, showPlan, workOf } from './migration-view';
import { executed, isSettled } from './migration-wait';

interface ApproveOptions extends WaitOption {
  readonly digest?: string;
  readonly step?: string;
}

export function addApproveCommand(app: App, group: Command): void {
  addCommand<ApproveOptions>(app, group, {
    usage: 'approve <id> [n]',
    summary: 'Approve a plan and carry it out',
    examples: ['migration approve acme', 'migration approve acme 1 --digest 3f9a…'],
    more:
      'The digest names the plan you have seen; `concordance migration show` prints it. Without one you are\n' +
      'asked on a terminal, and refused elsewhere.',
    configure: (command) =>
      withWait(
        command
          .option('--digest <digest>', 'digest of the plan that is approved')
          .option('--step <step>', 'a later step, e.g. deactivate-old (strategy import)'),
      ),
    run: async (session, args, options) => {
      const id = args.get('id');
      if (options.digest === undefined) refuseWithoutTerminal(session, id);
      return approve(session, id, await chosen(session, id, args.find('n')), options);
    },
  });
}

function refuseWithoutTerminal(session: Session, id: string): void {
  if (canAsk(session.context)) return;
  throw new UsageError(
    'Approving needs --digest where nobody can be asked. Look at the plan and pass the digest that stands there:\n' +
      `  concordance migration show ${id}`,
  );
}

async function approve(
  session: Session,
  id: string,
  migration: Migration,
  options: ApproveOptions,
): Promise<Outcome> {
  const { number } = migration;
  const digest = options.digest ?? (await askForApproval(session, id, migration));
  const body = { digest, ...(options.step === undefined ? {} : { step: options.step }) };
  const accepted = await session.api.decide(id, number, 'approve', body);
  if (!options.wait) return acceptedOutcome(session, accepted, `concordance migration show ${id} ${number}`);
  noteIfPending(session, accepted);
  const left = migration.state;
  const end = await executed(session, id, number, (now) => isSettled(now) && now.state !== left);
  return { data: end, show: () => showMigration(session.output, id, end), exit: exitOf(end) };
}

async function askForApproval(session: Session, id: string, migration: Migration): Promise<string> {
  const { number, state, digest, counts } = migration;
  if (
    (state !== 'awaiting-approval' && state !== 'awaiting-final-approval') ||
    digest === undefined ||
    digest === null
  ) {
    throw new CliError(
      'wrong-stage',
      `Migration ${number} of ${id} is ${state}: there is nothing to approve. concordance migration show ${id} ${number}`,
    );
  }
  const { notes } = session;
  notes.heading(`Migration ${number} of ${id}, strategy ${migration.strategy}`);
  showPlan(notes, counts);
  notes.line(
    state === 'awaiting-final-approval'
      ? 'The old company is deactivated. This cannot be undone.'
      : `${some(workOf(counts).total, 'profile')} will be written to Concur.`,
  );
  const answer = await ask(session.context, 'Approve? Type yes: ');
  if (answer.toLowerCase() !== 'yes') {
    throw new CliError('not-approved', 'Not approved; nothing was changed.');
  }
  return digest;
}
