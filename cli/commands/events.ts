import { type Command } from 'commander';
import { addCommand, addGroup, type App } from '../command';
import { atLeastOne } from '../option-values';
import { instant } from '../text';

const DEFAULT_LIMIT = 50;

export function addEventCommands(app: App, program: Command): void {
  const group = addGroup(program, 'events', 'Reminders, warnings and changes of stage', [
    'events list --entity acme',
  ]);
  addCommand<{ readonly entity?: string; readonly limit: number }>(app, group, {
    usage: 'list',
    summary: 'List what happened, the latest last',
    examples: ['events list', 'events list --entity acme --limit 200'],
    configure: (command) =>
      command
        .option('--entity <id>', 'only of this entity')
        .option('--limit <n>', 'the latest so many', atLeastOne, DEFAULT_LIMIT),
    run: async (session, _args, { entity, limit }) => {
      const all = await session.api.events({ query: { entity } });
      const events = [...all]
        .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
        .slice(-limit);
      return {
        data: events,
        show: () => {
          if (events.length === 0) session.output.line('Nothing has happened yet.');
          for (const event of events) {
            session.output.line(
              `${instant(event.at)}  ${session.output.style.bold(event.entityId)}  ${event.kind}`,
            );
            session.output.pairs([['', event.message]], '  ');
          }
        },
      };
    },
  });
}
