import { type Command } from 'commander';
import { type QuarantineView } from '../api-types';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { EXIT, UsageError } from '../errors';
import { type Session } from '../session';
import { instant, some } from '../text';
import { waitFor } from '../wait';
import { acceptedOutcome, noteIfPending } from './accepted';

export function addQuarantineCommands(app: App, program: Command): void {
  const group = addGroup(program, 'quarantine', 'Records that cannot be synchronised, and why', [
    'quarantine list --entity acme',
    'quarantine retry 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1',
  ]);
  addCommand<{ readonly entity?: string }>(app, group, {
    usage: 'list',
    summary: 'List the records that cannot be synchronised',
    examples: ['quarantine list', 'quarantine list --entity acme --json'],
    configure: (command) => command.option('--entity <id>', 'only of this entity'),
    run: async (session, _args, { entity }) => {
      const records = await session.api.quarantine({ query: { entity } });
      return { data: records, show: () => showRecords(session, records) };
    },
  });
  addCommand(app, group, {
    usage: 'show <record>',
    summary: "Show a record; Concur's own text with an API key of the scope sensitive only",
    examples: ['quarantine show 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1'],
    run: async (session, args) => {
      const record = await session.api.quarantined(args.get('record'));
      return { data: record, show: () => showRecord(session, record) };
    },
  });
  addCommand<RetryOptions>(app, group, {
    usage: 'retry [record]',
    summary: 'Try a record again, or all of a company with one code, after the cause is gone',
    examples: [
      'quarantine retry 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1',
      'quarantine retry --entity acme --code W003',
    ],
    configure: (command) =>
      withWait(
        command
          .option('--entity <id>', 'instead of one record: all of this entity with the code')
          .option('--code <code>', 'the code, as `quarantine list` shows it'),
      ),
    run: async (session, args, options) => {
      const record = args.find('record');
      const { entity, code, wait } = options;
      if (record !== undefined && entity === undefined && code === undefined)
        return retry(session, record, wait);
      if (record === undefined && entity !== undefined && code !== undefined)
        return retryAll(session, entity, code);
      throw new UsageError('Name one record, or both --entity and --code.');
    },
  });
  addCommand(app, group, {
    usage: 'dismiss <record>',
    summary: 'Take a record off the list; its traveller is held until it changes',
    examples: ['quarantine dismiss 01a20a3a-f4a8-70d6-9c14-9acd4dba4bf1'],
    run: async (session, args) => {
      const id = args.get('record');
      const answer = await session.api.resolveQuarantine(id, 'dismiss');
      return {
        data: answer,
        show: () =>
          session.output.line(
            `${id} is off the list. Its traveller is held as it is until it changes in the hub.`,
          ),
      };
    },
  });
}

function showRecords({ output }: Session, records: readonly QuarantineView[]): void {
  if (records.length === 0) {
    output.line('Nothing is quarantined.');
    return;
  }
  for (const record of records) showRecord({ output }, record);
  output.line();
  output.line(`${some(records.length, 'record')}. Try one again: concordance quarantine retry <record>`);
}

function showRecord({ output }: Pick<Session, 'output'>, record: QuarantineView): void {
  const { resolution } = record;
  output.heading(`${record.entityId} / ${record.travellerId ?? record.loginId ?? 'unknown profile'}`);
  output.pairs(
    [
      ['Record', record.id],
      ['Direction', record.direction === 'publish' ? 'hub → Concur' : 'Concur → hub'],
      [
        'Code',
        record.field === undefined || record.field === null
          ? record.code
          : `${record.code} at ${record.field}`,
      ],
      ['Reason', record.reason],
      ['Correlation id', record.correlationId],
      [
        'Since',
        `${instant(record.firstAt)}, last ${instant(record.lastAt)}, ${some(record.attempts, 'attempt')}`,
      ],
      ['Concur says', record.message],
      [
        'Closed',
        resolution === undefined || resolution === null
          ? undefined
          : `${instant(record.resolvedAt)}, ${resolution}`,
      ],
    ],
    '  ',
  );
}

interface RetryOptions extends WaitOption {
  readonly entity?: string;
  readonly code?: string;
}

async function retryAll({ api, output }: Session, entity: string, code: string): Promise<Outcome> {
  const answer = await api.retryQuarantined(entity, code);
  const { retried } = answer;
  return {
    data: answer,
    show: () =>
      output.line(
        retried === 0
          ? `Nothing of ${entity} is quarantined with ${code}.`
          : `${some(retried, 'record')} of ${entity} will be tried again. What is left: concordance quarantine list --entity ${entity}`,
      ),
  };
}

const RETRY_WAIT = { everyMs: 250, limitMs: 120_000 } as const;

async function retry(session: Session, id: string, wait: boolean): Promise<Outcome> {
  const { api, context } = session;
  const accepted = await api.resolveQuarantine(id, 'retry');
  const isFreedOnly = accepted.requestId === null;
  if (!wait || isFreedOnly) return acceptedOutcome(session, accepted, 'concordance quarantine list');
  noteIfPending(session, accepted);
  // The retry itself counts as an attempt: only what comes after it is news.
  const before = await api.quarantined(id);
  const message = `${id} has not been tried yet, but it goes on by itself: concordance quarantine list`;
  const record = await waitFor(context.clock, { ...RETRY_WAIT, message }, async () => {
    const now = await api.quarantined(id);
    const tried = now.attempts !== before.attempts || now.lastAt !== before.lastAt;
    return isResolved(now) || tried ? now : undefined;
  });
  const solved = isResolved(record);
  return {
    data: record,
    show: () =>
      session.output.line(
        solved ? `${id} is solved.` : `${id} was refused again: ${record.code} ${record.reason}`,
      ),
    exit: solved ? EXIT.done : EXIT.attention,
  };
}

function isResolved({ resolvedAt }: QuarantineView): boolean {
  return resolvedAt !== undefined && resolvedAt !== null;
}
