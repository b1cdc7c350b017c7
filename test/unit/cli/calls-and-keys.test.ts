import { type Answer, run } from './harness';
import { page } from './answers';

const CASE = { callId: 'c-2', bodies: 'kept', text: 'Application: Example\n\nRequest: POST https://x.test/' };
const aCall = (id: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  ...{ id, entityId: 'acme', at: `2026-08-01T12:00:0${id.slice(-1)}.000Z`, method: 'POST', route: '/r' },
  ...{ function: 'createProfile', status: 200, durationMs: 12, errorCode: null },
  ...{ correlationId: `theirs-${id}`, correlationIdSent: `ours-${id}` },
  ...changes,
});

describe('calls list', () => {
  it('asks for the latest and shows them last', async () => {
    const routes = { 'GET /v1/calls': page(aCall('c-2', { errorCode: 'E001', status: null }), aCall('c-1')) };
    const args = ['calls', 'list', '--entity', 'acme', '--failed', '--correlation-id', 'x', '--limit', '2'];
    const shown = await run(args, { routes });
    expect(shown.asked[0]?.query).toEqual({
      ...{ entity: 'acme', failed: 'true', correlationId: 'x', order: 'desc', limit: '2' },
    });
    expect(shown.stdout).toMatch(/theirs-c-1[^]*E001[^]*theirs-c-2/);
    const json = await run(['calls', 'list', '--json'], { routes });
    expect(JSON.parse(json.stdout)).toMatchObject([{ id: 'c-1' }, { id: 'c-2' }]);
  });
});

describe('support-case', () => {
  const routes = {
    'GET /v1/calls': page(aCall('c-3'), aCall('c-2', { errorCode: 'E001' })),
    'GET /v1/calls/c-2/support-case': { body: CASE },
  };

  it('prints the case of the latest call that failed, by either correlation id', async () => {
    const shown = await run(['support-case', 'theirs-2'], { routes });
    expect(shown.asked[0]?.query).toMatchObject({ correlationId: 'theirs-2' });
    expect(shown).toMatchObject({ code: 0, stdout: `${CASE.text}\n` });
    expect(shown.stderr).toContain('2 calls have this id');
  });

  it('prints it as JSON', async () => {
    const shown = await run(['support-case', 'theirs-2', '--json'], { routes });
    expect(JSON.parse(shown.stdout)).toEqual(CASE);
  });

  it('says so when no such call is kept', async () => {
    const shown = await run(['support-case', 'nobody'], { routes: { 'GET /v1/calls': page() } });
    expect(shown.code).toBe(1);
    expect(shown.stderr).toContain('CALL_JOURNAL_DAYS');
  });
});

describe('keys rotate', () => {
  const step = (rotated: number, remaining: number, unreadable: readonly string[] = []): Answer => ({
    body: { rotated, remaining, activeKeyId: 'k2', unreadable },
  });

  it('goes on until nothing is left', async () => {
    const routes = { 'POST /v1/keys/rotate': [step(2_000, 500), step(500, 0)] };
    const shown = await run(['keys', 'rotate'], { routes });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('2,500 data keys') as unknown });
    expect(shown.stdout).toContain('Histories in Temporal');
    const json = await run(['keys', 'rotate', '--json'], { routes });
    expect(JSON.parse(json.stdout)).toMatchObject({ rotated: 2_500, remaining: 0, activeKeyId: 'k2' });
  });

  it('ends with 3 where a key is missing, and names the entities', async () => {
    const shown = await run(['keys', 'rotate'], { routes: { 'POST /v1/keys/rotate': step(0, 1, ['acme']) } });
    expect(shown.code).toBe(3);
    expect(shown.stdout).toContain('acme');
    expect(shown.stdout).toContain('keep the older keys');
  });
});
