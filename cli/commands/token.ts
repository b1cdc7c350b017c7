import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command } from 'commander';
import { type Entity, type EventView } from '../api-types';
import { ask, canAsk, readAll } from '../ask';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { CliError, UsageError } from '../errors';
import { type Session } from '../session';
import { instant } from '../text';
import { waitFor } from '../wait';
import { errorCode } from '../../workers/local/errors';
import { acceptedOutcome, noteIfPending } from './accepted';
import { showEntity } from './entity-view';

interface IssuedOption {
  readonly issuedAt?: string;
}

export function addTokenCommands(app: App, program: Command): void {
  const group = addGroup(program, 'token', 'The request token that connects a client company', [
    'token expect acme',
    'token submit acme --file token.txt',
  ]);
  addCommand<IssuedOption>(app, group, {
    usage: 'expect <id>',
    summary: 'Open the window for the request token (again)',
    examples: ['token expect acme', 'token expect acme --issued-at 2026-08-01T09:30:00Z'],
    configure: withIssuedAt,
    run: async (session, args, { issuedAt }) => {
      const id = args.get('id');
      const at = checkedInstant(issuedAt);
      const accepted = await session.api.openWindow(id, at);
      noteIfPending(session, accepted);
      return {
        data: accepted,
        show: () => {
          const { requestTokenExpiresAt: end, requestTokenDeadline: deadline } = accepted;
          session.output.line(
            end === undefined || end === null
              ? `The window of ${id} is being opened.`
              : `The window of ${id} is open until ${instant(end)}.`,
          );
          if (deadline != null) session.output.line(`Submit the token ${deadline}.`);
          session.output.line(`Hand in the token with: concordance token submit ${id} --file <file>`);
        },
      };
    },
  });
  addCommand<IssuedOption & WaitOption & { readonly file?: string }>(app, group, {
    usage: 'submit <id>',
    summary: 'Hand in the request token and wait for the exchange',
    examples: ['token submit acme --file token.txt', 'token submit acme < token.txt'],
    more: 'The token is read from a file or from standard input, never from the command line.',
    configure: (command) =>
      withWait(
        withIssuedAt(command.option('--file <file>', 'file that holds the token; absent: standard input')),
      ),
    run: async (session, args, options) => {
      const id = args.get('id');
      const issuedAt = checkedInstant(options.issuedAt);
      return submit(session, id, await readToken(session, options.file), { issuedAt, wait: options.wait });
    },
  });
}

function withIssuedAt(command: Command): Command {
  return command.option('--issued-at <time>', 'when Concur issued the token (ISO 8601); absent: now');
}

function checkedInstant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(`--issued-at must be a time such as 2026-08-01T09:30:00Z, not "${text}".`);
  }
  return new Date(time).toISOString();
}

async function readToken(session: Session, file: string | undefined): Promise<string> {
  const { context } = session;
  const text =
    file !== undefined
      ? readTokenFile(resolve(context.folder, file))
      : canAsk(context)
        ? await ask(context, 'Request token (not shown): ', { hidden: true })
        : await readAll(context.stdin);
  const token = text.trim();
  if (token === '')
    throw new UsageError('The request token is empty. Put it into a file, or send it to standard input.');
  if (/\s/.test(token))
    throw new UsageError('A request token is one word; what was read holds spaces or several lines.');
  return token;
}

function readTokenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      'token-file',
      `${path} cannot be read (${errorCode(error) ?? 'unknown reason'}). Check its path and mode.`,
      {
        cause: error,
      },
    );
  }
}

const EXCHANGE_WAIT = { everyMs: 250, limitMs: 300_000 } as const;
const CONNECTED = new Set(['migrating', 'active', 'paused']);
/** Nothing is under way: a token that is taken opens its window before the answer. */
const WAITS_FOR_ANOTHER = new Set(['requested', 'needs-reauthorisation']);

async function submit(
  session: Session,
  id: string,
  token: string,
  options: { readonly issuedAt: string | undefined; readonly wait: boolean },
): Promise<Outcome> {
  const before = options.wait
    ? new Set((await failedExchanges(session, id)).map((event) => event.id))
    : new Set<string>();
  const accepted = await session.api.submitToken(id, token, options.issuedAt);
  if (!options.wait) return acceptedOutcome(session, accepted, `concordance entity show ${id}`);
  noteIfPending(session, accepted);
  const message = `The token of ${id} is not exchanged yet, but it goes on by itself: concordance entity show ${id}`;
  const entity = await waitFor(session.context.clock, { ...EXCHANGE_WAIT, message }, () =>
    exchanged(session, id, before),
  );
  return {
    data: entity,
    show: () => {
      session.output.line(`${id} is connected with Concur.`);
      showEntity(session.output, entity);
    },
  };
}

/** The entity once it is connected. @throws CliError with the reason when Concur refused the token */
async function exchanged(
  session: Session,
  id: string,
  before: ReadonlySet<string>,
): Promise<Entity | undefined> {
  const entity = await session.api.entity(id);
  if (CONNECTED.has(entity.stage)) return entity;
  const failure = (await failedExchanges(session, id)).find((event) => !before.has(event.id));
  const next = entity.waitingFor ?? `Look at it with: concordance entity show ${id}`;
  if (failure === undefined && WAITS_FOR_ANOTHER.has(entity.stage)) {
    throw new CliError(
      'token-known',
      `This token was handed in before, and handing it in again has no effect.\n${next}`,
    );
  }
  if (failure === undefined) return undefined;
  throw new CliError('exchange-failed', `The token was not exchanged: ${failure.message}\n${next}`);
}

async function failedExchanges(session: Session, id: string): Promise<EventView[]> {
  const events = await session.api.events({ query: { entity: id, kind: 'exchange-failed' } });
  return events.filter(({ kind }) => kind === 'exchange-failed');
}
