import { createServer, type Server } from 'node:net';
import { type ApiDeps, isApiStartError, startApi } from '../../../api';
import { type HubDatabase } from '../../../hub';
import { FakeEngine, ManualClock, reversingCodec, SETTINGS, UI_ORIGIN } from '../../unit/api/support';
import { pgliteDatabase, storeOn } from '../../support/hub/stores';

let db: HubDatabase;
let deps: ApiDeps;
beforeAll(async () => {
  db = await pgliteDatabase();
  deps = {
    settings: { ...SETTINGS, API_PORT: 0 },
    store: storeOn(db),
    engine: new FakeEngine(),
    codec: reversingCodec,
    clock: new ManualClock(),
    ids: { next: () => 'id' },
    log: 'silent',
    uiOrigin: UI_ORIGIN,
  };
});
afterAll(() => db.destroy());

const startError = async (settings: Partial<ApiDeps['settings']>): Promise<string> => {
  try {
    const running = await startApi({ ...deps, settings: { ...deps.settings, ...settings } });
    await running.stop();
    return 'it started';
  } catch (error) {
    return isApiStartError(error) ? `${error.code} ${error.message}` : String(error);
  }
};

describe('starting the API', () => {
  it('answers at its URL until it is stopped', async () => {
    const running = await startApi(deps);
    const { url } = running;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(200);
    await answer.text();
    await running.stop();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('opens payloads for the Temporal UI by the port it really listens on', async () => {
    const running = await startApi(deps);
    const { url } = running;
    const ask = (origin: string) =>
      fetch(`${url}/codec/decode`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"payloads":[]}',
      });
    expect((await ask(UI_ORIGIN)).status).toBe(200);
    expect((await ask('http://evil.test')).status).toBe(401);
    await running.stop();
  });

  it('refuses to speak plain HTTP beyond loopback, in one line', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'hub.example.test']) {
      const text = await startError({ API_HOST: host });
      expect(text).toMatch(/^api-plain-refused API_HOST: .*API_ALLOW_PLAIN=true\.$/);
    }
  });

  it('binds beyond loopback when that is allowed', async () => {
    expect(await startError({ API_HOST: '0.0.0.0', API_ALLOW_PLAIN: true })).toBe('it started');
  });

  it('names the setting when the port is taken', async () => {
    const other = createServer();
    const port = await listen(other);
    const text = await startError({ API_PORT: port });
    other.close();
    expect(text).toMatch(/^api-port-busy API_PORT: port \d+ of 127\.0\.0\.1 is in use\./);
  });
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}
