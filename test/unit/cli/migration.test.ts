import {
  ALL_EQUAL,
  aMigration,
  accepted,
  aRecord,
  anEntity,
  DIGEST,
  page,
  REPORT,
  someCounts,
} from './answers';
import { type Routes, run } from './harness';

const SHOW = 'GET /v1/entities/acme/migrations/1';
const APPROVE = 'POST /v1/entities/acme/migrations/1/approve';

function approval(end: unknown): Routes {
  return {
    [APPROVE]: accepted,
    'GET /v1/entities/acme/migrations': page(aMigration()),
    [SHOW]: [{ body: aMigration({ state: 'executing' }, { done: 1 }) }, { body: end }],
  };
}
const COMPLETED = aMigration({ state: 'completed', report: ALL_EQUAL }, { done: 3 });

describe('migration approve', () => {
  it('shows the counts on a terminal and wants a yes', async () => {
    const ran = await run(['migration', 'approve', 'acme'], {
      routes: approval(COMPLETED),
      stdin: 'yes\n',
      terminal: true,
    });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('3 profiles will be written to Concur.');
    expect(ran.asked.find(({ method }) => method === 'POST')?.body).toEqual({ digest: DIGEST });
  });

  it('ends with 3 when the verification found differences', async () => {
    const end = aMigration({ state: 'completed', report: REPORT }, { done: 3 });
    const ran = await run(['migration', 'approve', 'acme', '1', '--digest', DIGEST], {
      routes: approval(end),
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('1 traveller differs or is missing in Concur: concordance migration report');
  });

  it.each(['no\n', '\n', 'y\n', ''])('takes %j for a no', async (stdin) => {
    const ran = await run(['migration', 'approve', 'acme'], {
      routes: approval(COMPLETED),
      stdin,
      terminal: true,
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('nothing was changed');
    expect(ran.asked.some(({ method }) => method === 'POST')).toBe(false);
  });

  it('refuses without a terminal and says how to do it', async () => {
    const ran = await run(['migration', 'approve', 'acme'], { routes: approval(COMPLETED), stdin: 'yes\n' });
    expect([ran.code, ran.asked.length]).toEqual([2, 0]);
    expect(ran.stderr).toContain('--digest');
  });

  it('ends with 3 when travellers were quarantined, and says where to look', async () => {
    const end = aMigration({ state: 'completed' }, { done: 2, quarantined: 1 });
    const ran = await run(['migration', 'approve', 'acme', '1', '--digest', DIGEST], {
      routes: approval(end),
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('concordance quarantine list --entity acme');
  });

  it('ends with 1 when it failed', async () => {
    const ran = await run(['migration', 'approve', 'acme', '1', '--digest', DIGEST], {
      routes: approval(aMigration({ state: 'failed', error: 'The disk is full.' })),
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('failed: The disk is full.');
  });

  it('passes on that the plan has changed', async () => {
    const refusal = {
      status: 409,
      body: { code: 'plan-changed', detail: 'The plan is not the one you have seen.' },
    };
    const ran = await run(['migration', 'approve', 'acme', '1', '--digest', 'old', '--json'], {
      routes: { ...approval(COMPLETED), [APPROVE]: refusal, [SHOW]: { body: aMigration() } },
    });
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toEqual({
      error: { code: 'plan-changed', message: 'The plan is not the one you have seen.' },
    });
    expect(ran.stderr).toBe('The plan is not the one you have seen.\n');
  });

  it('shows plain lines of progress, on standard error', async () => {
    const ran = await run(['migration', 'approve', 'acme', '1', '--digest', DIGEST], {
      routes: approval(COMPLETED),
    });
    expect(ran.stderr).toMatch(/Publishing +0\/3\n/);
    expect(ran.stdout).not.toContain('Publishing');
  });
});

describe('migration plan, show and report', () => {
  it('ends with 3 when travellers cannot be published', async () => {
    const ran = await run(['migration', 'plan', 'acme', '--strategy', 'publish'], {
      routes: {
        'POST /v1/entities/acme/migrations': { status: 201, body: { number: 1 } },
        [SHOW]: { body: aMigration({}, { refused: 1 }) },
      },
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain(`concordance migration approve acme 1 --digest ${DIGEST}`);
  });

  it('takes the latest when no number is given, and says so when there is none', async () => {
    const list = 'GET /v1/entities/acme/migrations';
    const two = await run(['migration', 'show', 'acme', '--json'], {
      routes: { [list]: page(aMigration({ number: 2 }), aMigration()) },
    });
    expect(JSON.parse(two.stdout)).toMatchObject({ number: 2 });
    const none = await run(['migration', 'show', 'acme'], { routes: { [list]: page() } });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('acme has no migration yet');
  });

  it('prints the document to be sent with a line per element', async () => {
    const xml =
      '<?xml version="1.0"?><ProfileResponse Action="Create"><General><FirstName>Zoë  &amp; A</FirstName><Empty/></General></ProfileResponse>';
    const ran = await run(['migration', 'xml', 'acme', '1', 't-1'], {
      routes: { [`${SHOW}/items/t-1`]: { body: { travellerId: 't-1', action: 'create', xml } } },
    });
    expect(ran.stdout.trimEnd().split('\n')).toEqual([
      '<?xml version="1.0"?>',
      '<ProfileResponse Action="Create">',
      '  <General>',
      '    <FirstName>Zoë  &amp; A</FirstName>',
      '    <Empty/>',
      '  </General>',
      '</ProfileResponse>',
    ]);
  });

  it('lists who was refused, and what differs', async () => {
    const items = [
      { travellerId: 't-1', action: 'create', outcome: 'done' },
      {
        travellerId: 't-2',
        action: 'create',
        outcome: 'quarantined',
        code: 'E002',
        reason: 'First name is required',
      },
    ];
    const ran = await run(['migration', 'report', 'acme', '1'], {
      routes: {
        [SHOW]: { body: aMigration({ state: 'completed', report: REPORT }, { done: 2, quarantined: 1 }) },
        [`${SHOW}/items`]: page(...items),
      },
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('First name is required');
    expect(ran.stdout).toContain('General/RuleClass');
  });
});

describe('sync and quarantine', () => {
  it('counts down what waits to be published, and ends with 3 when Concur refused some', async () => {
    const counts = (pending: number, quarantined: number) => ({
      body: anEntity({ counts: someCounts({ pending, quarantined }) }),
    });
    const ran = await run(['sync', 'publish', 'acme'], {
      routes: {
        'POST /v1/entities/acme/publish': accepted,
        'GET /v1/entities/acme': [counts(5, 0), counts(2, 1), counts(0, 1)],
      },
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('4 travellers published.');
  });

  it('does not take the poll of the slot for the one that was asked for', async () => {
    const poll = (requestId: string | null, startedAt: string) => ({
      body: anEntity({
        lastPoll: { requestId, startedAt, finishedAt: startedAt, seen: 1, changed: 0, quarantined: 0 },
      }),
    });
    const ran = await run(['sync', 'poll', 'acme', '--json'], {
      routes: {
        'POST /v1/entities/acme/poll': accepted,
        'GET /v1/entities/acme': [
          poll(null, '2026-08-01T00:05:00Z'),
          poll(null, '2026-08-01T00:20:00Z'),
          poll('r-1', '2026-08-01T00:20:01Z'),
        ],
      },
    });
    expect(JSON.parse(ran.stdout)).toMatchObject({ requestId: 'r-1' });
  });

  it('says that a record was refused again', async () => {
    const ran = await run(['quarantine', 'retry', 'q-1'], {
      routes: {
        'POST /v1/quarantine/q-1/retry': accepted,
        'GET /v1/quarantine/q-1': [{ body: aRecord({ attempts: 2 }) }, { body: aRecord({ attempts: 3 }) }],
      },
    });
    expect([ran.code, ran.stdout]).toEqual([3, 'q-1 was refused again: E002 is required\n']);
  });
});
