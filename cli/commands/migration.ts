import { type Command, Option } from 'commander';
import { type Migration } from '../api-types';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { EXIT } from '../errors';
import { type Session } from '../session';
import { indented } from '../xml-lines';
import { addApproveCommand } from './migration-approve';
import { chosenMigration as chosen, numberOf } from './migration-find';
import { addItemsCommand } from './migration-items';
import { showReport } from './migration-report';
import { isOver, showMigration } from './migration-view';
import { executed, planned } from './migration-wait';
import { acceptedOutcome, noteIfPending } from './accepted';

const STRATEGIES = ['publish', 'merge', 'import', 'none'] as const;

export function addMigrationCommands(app: App, program: Command): void {
  const group = addGroup(
    program,
    'migration',
    'The first synchronisation of a client company, and later ones',
    ['migration plan acme --strategy publish', 'migration show acme', 'migration approve acme'],
  );
  addCommand<WaitOption & { readonly strategy: string }>(app, group, {
    usage: 'plan <id>',
    summary: 'Plan a migration: a dry run, nothing is written',
    examples: ['migration plan acme --strategy publish'],
    configure: (command) =>
      withWait(
        command.addOption(
          new Option('--strategy <strategy>', 'how both sides are brought together')
            .choices(STRATEGIES)
            .makeOptionMandatory(),
        ),
      ),
    run: async (session, args, { strategy, wait }) => {
      const id = args.get('id');
      const { number } = await session.api.startMigration(id, { strategy });
      const look = `concordance migration show ${id} ${number}`;
      if (!wait) return acceptedOutcome(session, { number }, look);
      const migration = await planned(session, id, number);
      return planOutcome(session, id, migration);
    },
  });
  addCommand(app, group, {
    usage: 'show <id> [n]',
    summary: 'Show plan and progress of a migration',
    examples: ['migration show acme', 'migration show acme 2'],
    more: 'Without a number: the latest one.',
    run: async (session, args) => {
      const id = args.get('id');
      const migration = await chosen(session, id, args.find('n'));
      return { data: migration, show: () => showMigration(session.output, id, migration) };
    },
  });
  addApproveCommand(app, group);
  for (const decision of ['reject', 'cancel'] as const) addEndCommand(app, group, decision);
  addItemsCommand(app, group);
  addCommand(app, group, {
    usage: 'xml <id> <n> <traveller>',
    summary: 'Print what would be sent to Concur for one traveller',
    examples: ['migration xml acme 1 t-0001'],
    run: async (session, args) =>
      showXml(session, args.get('id'), numberOf(args.get('n')), args.get('traveller')),
  });
  addCommand(app, group, {
    usage: 'report <id> [n]',
    summary: 'Show what a migration did, and what its verification found',
    examples: ['migration report acme', 'migration report acme 1 --json'],
    run: async (session, args) => {
      const id = args.get('id');
      return showReport(session, id, await chosen(session, id, args.find('n')));
    },
  });
}

function planOutcome(session: Session, id: string, migration: Migration): Outcome {
  return {
    data: migration,
    show: () => showMigration(session.output, id, migration),
    exit: migration.counts.refused > 0 ? EXIT.attention : EXIT.done,
  };
}

function addEndCommand(app: App, group: Command, decision: 'reject' | 'cancel'): void {
  const summaries = {
    reject: 'Reject a plan: nothing is written',
    cancel: 'Cancel a migration: what is done stays, nothing more is written',
  };
  addCommand<WaitOption>(app, group, {
    usage: `${decision} <id> [n]`,
    summary: summaries[decision],
    examples: [`migration ${decision} acme`],
    configure: withWait,
    run: async (session, args, { wait }) => {
      const id = args.get('id');
      const { number } = await chosen(session, id, args.find('n'));
      const accepted = await session.api.decide(id, number, decision);
      if (!wait) return acceptedOutcome(session, accepted, `concordance migration show ${id} ${number}`);
      noteIfPending(session, accepted);
      const migration = await executed(session, id, number, isOver);
      return { data: migration, show: () => showMigration(session.output, id, migration) };
    },
  });
}

async function showXml(session: Session, id: string, number: number, travellerId: string): Promise<Outcome> {
  const item = await session.api.migrationItem(id, number, travellerId);
  const { xml, cardsXml } = item;
  const bodies = [xml, cardsXml].filter((body) => body !== undefined && body !== null);
  return {
    data: item,
    show: () => {
      for (const { field, code, reason } of item.withheld ?? [])
        session.note(`Left out, because Concur would refuse it: ${field} ${reason} (${code}).`);
      for (const body of bodies) session.output.line(indented(body));
      if (bodies.length === 0) session.note(nothingSent(item.action, item.reason));
    },
  };
}

function nothingSent(action: string, reason: string | null | undefined): string {
  const why = reason === undefined || reason === null ? '' : ` ${reason}`;
  return `Nothing is sent for this traveller: the plan says "${action}".${why}`;
}
