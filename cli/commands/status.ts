import { type Command } from 'commander';
import { addCommand, type App } from '../command';
import { EXIT } from '../errors';
import { type Cell } from '../output';
import { showEntities } from './entity-view';

export function addStatusCommand(app: App, program: Command): void {
  addCommand(app, program, {
    usage: 'status',
    summary: 'Show how everything stands',
    examples: ['status', 'status --json'],
    more: 'Ends with 3 when an entity is failing or needs a new authorisation.',
    run: async (session) => {
      const status = await session.api.status();
      const entities = await session.api.entities();
      const troubled = entities.filter(
        ({ health, stage }) => health === 'failing' || stage === 'needs-reauthorisation',
      );
      return {
        data: { ...status, entities },
        exit: troubled.length > 0 ? EXIT.attention : EXIT.done,
        show: () => {
          const { output } = session;
          output.heading(`Concordance at ${session.api.base}`);
          output.pairs(rowsOf(status), '  ');
          output.line();
          showEntities(output, entities);
          for (const { id, waitingFor, healthReason } of troubled) {
            output.line();
            output.line(`${output.style.yellow(id)}: ${healthReason ?? waitingFor ?? 'needs attention'}`);
          }
        },
      };
    },
  });
}

/** The status as lines: single values and groups of them; lists have their own commands. */
function rowsOf(value: Readonly<Record<string, unknown>>, path = ''): [string, Cell][] {
  return Object.entries(value).flatMap(([name, child]): [string, Cell][] => {
    const label = path === '' ? name : `${path}.${name}`;
    if (isObject(child)) return rowsOf(child, label);
    if (Array.isArray(child)) return [];
    return [[label, typeof child === 'number' || typeof child === 'boolean' ? child : textOf(child)]];
  });
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
