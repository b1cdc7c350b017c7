import { type Command } from 'commander';
import { type MigrationItem } from '../api-types';
import { addCommand, type App } from '../command';
import { type Output } from '../output';
import { some } from '../text';
import { chosenMigration } from './migration-find';

export function addItemsCommand(app: App, group: Command): void {
  addCommand<{ readonly attention?: boolean }>(app, group, {
    usage: 'items <id> [n]',
    summary: 'List the travellers of a migration: what is planned, what came of it, what is left out',
    examples: ['migration items acme', 'migration items acme 1 --attention'],
    configure: (command) =>
      command.option('--attention', 'only those that are refused, not done, or have something left out'),
    run: async (session, args, { attention }) => {
      const id = args.get('id');
      const { number } = await chosenMigration(session, id, args.find('n'));
      const items: MigrationItem[] = [];
      for await (const item of session.api.migrationItems(id, number)) {
        // The documents are long: `migration xml` shows them one by one.
        if (attention !== true || needsAttention(item)) items.push({ ...item, xml: undefined });
      }
      return { data: items, show: () => showItems(session.output, items) };
    },
  });
}

function needsAttention({ action, outcome, withheld }: MigrationItem): boolean {
  if (action === 'refused' || (withheld ?? []).length > 0) return true;
  return outcome !== undefined && outcome !== null && outcome !== 'done';
}

function showItems(output: Output, items: readonly MigrationItem[]): void {
  if (items.length === 0) return output.line('None.');
  output.table(
    [
      { title: 'TRAVELLER', max: 28 },
      { title: 'PLAN' },
      { title: 'OUTCOME' },
      { title: 'WHY, OR WHAT IS LEFT OUT', max: 70 },
    ],
    items.map((item) => [item.travellerId, item.action, item.outcome, remarkOn(item)]),
  );
  output.line();
  output.line(`${some(items.length, 'traveller')}.`);
}

function remarkOn({ code, reason, detail, withheld }: MigrationItem): string | undefined {
  const why = [code, reason ?? detail].filter((part) => part !== undefined && part !== null).join(': ');
  const left = (withheld ?? []).map((each) => `without ${each.field}, which ${each.reason} (${each.code})`);
  const remarks = [...(why === '' ? [] : [why]), ...left];
  return remarks.length === 0 ? undefined : remarks.join('; ');
}
