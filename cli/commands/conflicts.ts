import { type Command } from 'commander';
import { type ConflictView } from '../api-types';
import { addCommand, addGroup, type App } from '../command';
import { UsageError } from '../errors';
import { type Session } from '../session';
import { instant, some } from '../text';

export function addConflictCommands(app: App, program: Command): void {
  const group = addGroup(program, 'conflicts', 'Where both sides had changed the same', [
    'conflicts list --entity acme',
    'conflicts restore 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1',
  ]);
  addCommand<{ readonly entity?: string }>(app, group, {
    usage: 'list',
    summary: 'List the conflicts; the value that lost is kept',
    examples: ['conflicts list', 'conflicts list --entity acme --json'],
    configure: (command) => command.option('--entity <id>', 'only of this entity'),
    run: async (session, _args, { entity }) => {
      const conflicts = await session.api.conflicts({ query: { entity } });
      return { data: conflicts, show: () => showConflicts(session, conflicts) };
    },
  });
  addCommand<{ readonly over?: string }>(app, group, {
    usage: 'restore <conflict>',
    summary: 'Put the value that lost back, as an edit of the hub',
    examples: ['conflicts restore 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1'],
    configure: (command) =>
      command.option(
        '--over <version>',
        'although it has changed since: the version of the traveller you saw',
      ),
    run: async (session, args, { over }) => {
      if (over !== undefined && !/^[1-9]\d*$/.test(over))
        throw new UsageError(`--over must be the version of the traveller, a number, not "${over}".`);
      const id = args.get('conflict');
      const answer = await session.api.restoreConflict(id, over);
      return {
        data: answer,
        show: () => session.output.line(`${id} is put back in the hub; it is published as any other edit.`),
      };
    },
  });
}

function showConflicts({ output }: Session, conflicts: readonly ConflictView[]): void {
  if (conflicts.length === 0) return output.line('There are no conflicts.');
  output.table(
    [
      { title: 'CONFLICT' },
      { title: 'ENTITY', max: 24 },
      { title: 'TRAVELLER', max: 36 },
      { title: 'SECTION' },
      { title: 'WON' },
      { title: 'AT' },
      { title: 'PUT BACK' },
    ],
    conflicts.map((each) => [
      each.id,
      each.entityId,
      each.travellerId,
      each.section,
      each.winner,
      instant(each.at),
      each.restoredAt === undefined || each.restoredAt === null ? '' : instant(each.restoredAt),
    ]),
  );
  output.line();
  output.line(
    `${some(conflicts.length, 'conflict')}. Put the lost value back: concordance conflicts restore <conflict>`,
  );
}
