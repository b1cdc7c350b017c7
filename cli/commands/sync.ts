import { type Command } from 'commander';
import { type Entity } from '../api-types';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { CliError, EXIT, UsageError } from '../errors';
import { type Session } from '../session';
import { some } from '../text';
import { waitFor } from '../wait';
import { acceptedOutcome, noteIfPending } from './accepted';

const SYNC_WAIT = { everyMs: 250, limitMs: 3_600_000 } as const;

export function addSyncCommands(app: App, program: Command): void {
  const group = addGroup(program, 'sync', 'Synchronise now instead of at the next slot', [
    'sync poll acme',
    'sync publish acme',
  ]);
  addCommand<WaitOption & { readonly since?: string }>(app, group, {
    usage: 'poll <id>',
    summary: 'Fetch what changed in Concur now',
    examples: ['sync poll acme', 'sync poll acme --since 2026-08-01T00:00:00Z'],
    configure: (command) =>
      withWait(command.option('--since <time>', "read again from that time of Concur's clock (ISO 8601)")),
    run: async (session, args, { since, wait }) => poll(session, args.get('id'), checked(since), wait),
  });
  addCommand<WaitOption>(app, group, {
    usage: 'publish <id>',
    summary: 'Send what changed in the hub to Concur now',
    examples: ['sync publish acme'],
    configure: withWait,
    run: async (session, args, { wait }) => publish(session, args.get('id'), wait),
  });
}

function checked(since: string | undefined): string | undefined {
  if (since === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}/.test(since) ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(time))
    throw new UsageError(`--since must be a time such as 2026-08-01T00:00:00Z, not "${since}".`);
  return new Date(time).toISOString();
}

type Poll = NonNullable<Entity['lastPoll']>;

async function poll(
  session: Session,
  id: string,
  since: string | undefined,
  wait: boolean,
): Promise<Outcome> {
  const { api, context } = session;
  const before = wait ? (await api.entity(id)).lastPoll : undefined;
  const accepted = await api.act(id, 'poll', since === undefined ? {} : { since });
  if (!wait) return acceptedOutcome(session, accepted, `concordance entity show ${id}`);
  noteIfPending(session, accepted);
  session.note('Reading from Concur …');
  const message = `The poll of ${id} has not ended yet, but it goes on by itself: concordance entity show ${id}`;
  const last = await waitFor(context.clock, { ...SYNC_WAIT, message }, async () => {
    const { lastPoll } = await api.entity(id);
    return isEnded(lastPoll, accepted.requestId, before) ? lastPoll : undefined;
  });
  if (last.error !== undefined && last.error !== null) {
    throw new CliError(
      'poll-failed',
      `The poll of ${id} failed: ${last.error} It is tried again at the next slot.`,
    );
  }
  const quarantined = last.quarantined ?? 0;
  return {
    data: last,
    show: () => {
      session.output.line(
        `${some(last.seen ?? 0, 'profile')} seen, ${last.changed ?? 0} changed, ${quarantined} quarantined.`,
      );
      if (quarantined > 0) session.output.line(`See why: concordance quarantine list --entity ${id}`);
    },
    exit: quarantined > 0 ? EXIT.attention : EXIT.done,
  };
}

/** The poll that was asked for, or one that began after it: then a later request has taken its place. */
function isEnded(
  last: Poll | null | undefined,
  requestId: string | null | undefined,
  before: Poll | null | undefined,
): last is Poll {
  if (last?.finishedAt === undefined || last.finishedAt === null) return false;
  if (requestId !== undefined && requestId !== null && last.requestId === requestId) return true;
  const isNew = last.startedAt !== before?.startedAt;
  // Without an id of its own a poll cannot be told from the one at the slot: any new one will do.
  return isNew && (requestId === undefined || requestId === null || (last.requestId ?? null) !== null);
}

async function publish(session: Session, id: string, wait: boolean): Promise<Outcome> {
  const { api, context } = session;
  const before = (await api.entity(id)).counts;
  const accepted = await api.act(id, 'publish');
  if (!wait) return acceptedOutcome(session, accepted, `concordance entity show ${id}`);
  noteIfPending(session, accepted);
  const total = before?.pending ?? 0;
  const bar = total > 0 ? session.progress('Publishing', total) : undefined;
  const message = `${id} is still being published, but it goes on by itself: concordance entity show ${id}`;
  try {
    const entity = await waitFor(context.clock, { ...SYNC_WAIT, message }, async () => {
      const now = await api.entity(id);
      const pending = now.counts?.pending ?? 0;
      bar?.update(Math.max(0, total - pending));
      return pending === 0 ? now : undefined;
    });
    const refused = Math.max(0, (entity.counts?.quarantined ?? 0) - (before?.quarantined ?? 0));
    return {
      data: { published: Math.max(0, total - refused), quarantined: refused, counts: entity.counts },
      show: () => {
        session.output.line(
          total === 0
            ? 'Nothing was waiting to be published.'
            : `${some(total - refused, 'traveller')} published.`,
        );
        if (refused > 0)
          session.output.line(
            `${some(refused, 'traveller')} refused by Concur: concordance quarantine list --entity ${id}`,
          );
      },
      exit: refused > 0 ? EXIT.attention : EXIT.done,
    };
  } finally {
    bar?.finish();
  }
}
