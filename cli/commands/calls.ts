import { type Command } from 'commander';
import { type CallView } from '../api-types';
import { addCommand, addGroup, type App, type Outcome } from '../command';
import { CliError } from '../errors';
import { atLeastOne } from '../option-values';
import { type Session } from '../session';
import { instant, safe, some } from '../text';

const DEFAULT_LIMIT = 50;
/** One id names one call; more can only come from a gateway that repeats its own. */
const MOST_OF_ONE_ID = 20;

interface ListOptions {
  readonly entity?: string;
  readonly correlationId?: string;
  readonly function?: string;
  readonly failed?: boolean;
  readonly since?: string;
  readonly limit: number;
}

export function addCallCommands(app: App, program: Command): void {
  const group = addGroup(program, 'calls', 'Calls to Concur', ['calls list --entity acme --failed']);
  addCommand<ListOptions>(app, group, {
    usage: 'list',
    summary: 'List calls to Concur, the latest last',
    examples: ['calls list --entity acme --failed', 'calls list --since 2026-08-01T12:00:00Z --limit 500'],
    more: 'Make a support case of one: concordance support-case <correlation-id>',
    configure: (command) =>
      command
        .option('--entity <id>', 'only of this entity')
        .option('--correlation-id <id>', 'only with this correlation id, sent or returned')
        .option('--function <name>', 'only of this function, e.g. readProfile')
        .option('--failed', 'only calls that failed')
        .option('--since <time>', 'only from this instant on, ISO 8601')
        .option('--limit <n>', 'the latest so many', atLeastOne, DEFAULT_LIMIT),
    run: async (session, _args, { entity, correlationId, function: name, failed, since, limit }) => {
      const query = {
        entity,
        correlationId,
        function: name,
        failed: failed === true ? 'true' : undefined,
        since,
        order: 'desc',
      };
      const calls = (await session.api.calls({ limit, query })).reverse();
      return { data: calls, show: () => showCalls(session, calls) };
    },
  });
  addCommand(app, program, {
    usage: 'support-case <correlation-id>',
    summary: 'Print what SAP’s support asks for about a call',
    examples: ['support-case 3f0c1d2e-0000-4000-8000-000000000001'],
    more:
      'Takes the correlation id that was sent or the one of the answer. Tokens and secrets are never part of\n' +
      'it; the user, headers and bodies need an API key with the scope sensitive.',
    run: (session, args) => supportCase(session, args.get('correlation-id')),
  });
}

function showCalls({ output }: Session, calls: readonly CallView[]): void {
  if (calls.length === 0) {
    output.line('No such calls are kept.');
    return;
  }
  output.table(
    [
      { title: 'TIME' },
      { title: 'ENTITY', max: 24 },
      { title: 'FUNCTION', max: 24 },
      { title: 'STATUS', align: 'right' },
      { title: 'MS', align: 'right' },
      { title: 'FAILURE', max: 28 },
      { title: 'CORRELATION ID' },
    ],
    calls.map((call) => [
      instant(call.at),
      call.entityId,
      call.function ?? call.route,
      call.status ?? 'none',
      call.durationMs,
      call.errorCode,
      call.correlationId ?? call.correlationIdSent,
    ]),
  );
}

async function supportCase(session: Session, correlationId: string): Promise<Outcome> {
  const calls = await session.api.calls({ limit: MOST_OF_ONE_ID, query: { correlationId, order: 'desc' } });
  // The latest that failed: a case is about a failure.
  const call = calls.find(({ errorCode }) => typeof errorCode === 'string') ?? calls[0];
  if (call === undefined) {
    throw new CliError(
      'call-unknown',
      'No call with this correlation id is kept. Check the id; calls are forgotten after CALL_JOURNAL_DAYS.',
    );
  }
  const found = await session.api.supportCase(call.id);
  return {
    data: found,
    show: () => {
      for (const line of found.text.split('\n')) session.output.line(safe(line));
      if (calls.length > 1) {
        session.note(`${some(calls.length, 'call')} have this id; this is the latest that failed, if any.`);
      }
    },
  };
}
