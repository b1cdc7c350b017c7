import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiBase, apiKey, sandboxBase } from '../../../cli/api-address';
import { ApiClient } from '../../../cli/api-client';
import { failureOf } from '../../../cli/errors';
import { freePort } from '../../../workers/local/ports';
import { ownIdentity } from '../../../workers/local/processes';
import { anEntity, page } from './answers';
import { fakeApi, run, type Routes } from './harness';

async function withApi<T>(
  routes: Routes,
  work: (client: ApiClient, asked: readonly { query: unknown }[]) => Promise<T>,
): Promise<T> {
  const api = await fakeApi(routes);
  try {
    return await work(new ApiClient({ base: `http://127.0.0.1:${api.port}`, key: 'k' }), api.asked);
  } finally {
    await api.close();
  }
}

describe('the API client', () => {
  it('asks for page after page', async () => {
    const first = { body: { items: [anEntity({ id: 'a' })], nextCursor: 'a' } };
    await withApi({ 'GET /v1/entities': [first, page(anEntity({ id: 'b' }))] }, async (client, asked) => {
      expect((await client.entities()).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(asked.map(({ query }) => query)).toEqual([{ limit: '500' }, { cursor: 'a', limit: '500' }]);
    });
  });

  it('turns a problem into words, with each field that is wrong', async () => {
    const body = {
      ...{
        type: 'x',
        title: 'Unprocessable Entity',
        status: 422,
        code: 'invalid',
        detail: 'Two fields are wrong.',
      },
      errors: [
        { path: 'name', code: 'required', message: 'is required' },
        { path: '', code: 'x', message: 'is odd' },
      ],
    };
    await withApi({ 'POST /v1/entities': { status: 422, body } }, async (client) => {
      await expect(client.addEntity({})).rejects.toMatchObject({
        name: 'ApiProblem',
        status: 422,
        code: 'invalid',
        message: 'Two fields are wrong.\n  name: is required\n  (body): is odd',
      });
    });
  });

  it('puts ids into the path so that they stay one part of it', async () => {
    await withApi({ 'GET /v1/entities/..%2Fstatus': { body: anEntity() } }, async (client) => {
      await expect(client.entity('../status')).resolves.toMatchObject({ id: 'acme' });
    });
  });

  it.each([
    [{ text: '<html>' }, 'sent no JSON'],
    [{ body: { id: 'acme' } }, 'not the API this command knows (name)'],
  ])('says when somebody else answers: %j', async (answer, words) => {
    await withApi({ 'GET /v1/entities/acme': answer }, async (client) => {
      await expect(client.entity('acme')).rejects.toThrow(words);
    });
  });

  it('says in one line how to start the API when nobody answers', async () => {
    const ran = await run(['entity', 'list'], { env: { API_PORT: String(await freePort()) } });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(
      /^Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Start it with `npx concordance start`.*\n$/,
    );
  });

  it.each([
    [{ API_KEY: '' }, 'No API key was found'],
    [{}, 'The API key is not known there'],
  ])('says where a key comes from: %j', async (env, words) => {
    const routes = {
      'GET /v1/entities': { status: 401, body: { code: 'unauthorised', detail: 'A key is needed.' } },
    };
    const ran = await run(['entity', 'list'], { routes, env });
    expect([ran.code, ran.stderr.includes(words)]).toEqual([1, true]);
  });

  it('names a wrong setting in one line, without a stack trace', async () => {
    const ran = await run(['entity', 'list'], { env: { API_PORT: 'eighty' } });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^API_PORT: .*\n$/);
  });

  it('shows a stack trace only when it is asked for', async () => {
    const routes = { 'GET /v1/entities': { status: 500, body: {} } };
    const [plain, verbose] = [
      await run(['entity', 'list'], { routes }),
      await run(['entity', 'list', '--verbose'], { routes }),
    ];
    expect(plain.stderr).not.toContain('    at ');
    expect(verbose.stderr).toContain('    at ');
  });

  it('keeps unexpected failures to one line', () => {
    expect(failureOf(new TypeError('x is not a function\nmore'))).toEqual({
      code: 'unexpected',
      exit: 1,
      message:
        'Something unexpected went wrong: x is not a function Run the command again with --verbose to see where.',
    });
  });
});

describe('where the API is', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'concordance-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const settings = (changed = {}) => ({
    API_HOST: '127.0.0.1',
    API_PORT: 8080,
    API_KEY: undefined,
    DATA_DIR: folder,
    SANDBOX_PORT: 0,
    ...changed,
  });
  const running = (state: object) => writeFileSync(join(folder, 'run.json'), JSON.stringify(state));

  it('is where a start on the same folder serves it', () => {
    running({ start: ownIdentity(), api: { port: 4711 } });
    expect(apiBase(settings())).toBe('http://127.0.0.1:4711');
    expect(apiBase(settings({ API_HOST: '0.0.0.0' }))).toBe('http://127.0.0.1:4711');
  });

  it('is as the settings say when no start runs, or when they name another machine', () => {
    expect(apiBase(settings())).toBe('http://127.0.0.1:8080');
    running({ start: { pid: 1, startedAt: 'another' }, api: { port: 4711 } });
    expect(apiBase(settings())).toBe('http://127.0.0.1:8080');
    running({ start: ownIdentity(), api: { port: 4711 } });
    expect(apiBase(settings({ API_HOST: 'hub.example.test' }))).toBe('http://hub.example.test:8080');
    expect(apiBase(settings({ API_HOST: '2001:db8::1', API_PORT: 1 }))).toBe('http://[2001:db8::1]:1');
  });

  it('is unknown when port 0 is set and no start runs', () => {
    expect(() => apiBase(settings({ API_PORT: 0 }))).toThrow('npx concordance start');
  });

  it('has its key in API_KEY, else in the folder', () => {
    expect(apiKey(settings())).toBeUndefined();
    writeFileSync(join(folder, 'api-key'), 'cnc_file\n');
    expect(apiKey(settings())).toBe('cnc_file');
    expect(apiKey(settings({ API_KEY: 'cnc_env' }))).toBe('cnc_env');
    rmSync(join(folder, 'api-key'));
    mkdirSync(join(folder, 'api-key'));
    expect(() => apiKey(settings())).toThrow('cannot be read (EISDIR)');
  });

  it('and the sandbox is where the last start noted it', () => {
    expect(() => sandboxBase(settings())).toThrow('start --sandbox');
    expect(sandboxBase(settings({ SANDBOX_PORT: 9000 }))).toBe('http://127.0.0.1:9000');
    running({ sandbox: { url: 'http://127.0.0.1:1234' } });
    expect(sandboxBase(settings())).toBe('http://127.0.0.1:1234');
  });
});
