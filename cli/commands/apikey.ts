import { type Command, Option } from 'commander';
import { addCommand, addGroup, type App } from '../command';
import { instant } from '../text';

const SCOPES = ['read', 'write', 'admin', 'sensitive'] as const;

export function addApiKeyCommands(app: App, program: Command): void {
  const group = addGroup(program, 'apikey', 'Keys for the API', [
    'apikey create --scope read write --name crm',
    'apikey list',
  ]);
  addCommand<{ readonly scope: readonly string[]; readonly name: string }>(app, group, {
    usage: 'create',
    summary: 'Make an API key; it is shown this once',
    examples: [
      'apikey create --scope read --name dashboard',
      'apikey create --scope read --scope write --name crm',
    ],
    configure: (command) =>
      command
        .addOption(
          new Option('--scope <scope...>', 'what the key may do, repeatable')
            .choices(SCOPES)
            .makeOptionMandatory(),
        )
        .option('--name <name>', 'who uses it', 'unnamed'),
    run: async (session, _args, { scope, name }) => {
      const created = await session.api.createApiKey({ name, scopes: [...new Set(scope)] });
      return {
        data: created,
        show: () => {
          session.output.line(created.key);
          session.note(
            `Key ${created.id} (${created.scopes.join(', ')}). Keep it now: it is not shown again.`,
          );
        },
      };
    },
  });
  addCommand(app, group, {
    usage: 'list',
    summary: 'List the API keys; the keys themselves are not stored',
    examples: ['apikey list'],
    run: async (session) => {
      const keys = await session.api.apiKeys();
      return {
        data: keys,
        show: () =>
          session.output.table(
            [
              { title: 'ID' },
              { title: 'NAME', max: 30 },
              { title: 'SCOPES' },
              { title: 'CREATED' },
              { title: 'REVOKED' },
            ],
            keys.map(({ id, name, scopes, createdAt, revokedAt }) => [
              id,
              name,
              scopes.join(', '),
              instant(createdAt),
              instant(revokedAt),
            ]),
          ),
      };
    },
  });
  addCommand(app, group, {
    usage: 'revoke <key>',
    summary: 'Revoke an API key by its id',
    examples: ['apikey revoke k-3'],
    run: async (session, args) => {
      const id = args.get('key');
      await session.api.revokeApiKey(id);
      return { data: { id, revoked: true }, show: () => session.output.line(`Key ${id} is revoked.`) };
    },
  });
}
