import { type DataDirClaim } from '../../../workers/local/data-dir';
import { LocalServerError } from '../../../workers/local/errors';
import { type RunState } from '../../../workers/local/run-file';
import { type Part, type Parts } from '../../../cli/start/parts';

export interface FakeParts {
  readonly parts: Parts;
  /** What happened, in order. */
  readonly events: string[];
  runState: RunState;
  /** Ends the worker as if it had crashed. */
  crashWorker(error: Error): void;
  /** What the worker and the API were given as CONCUR_AUTH_URL. */
  readonly authUrls: string[];
}

/** Parts that only note what is done with them. @param failing name of the step that fails */
export function fakeParts(
  failing?: string,
  failure: Error = new Error(`${failing ?? ''} is broken`),
): FakeParts {
  const events: string[] = [];
  const authUrls: string[] = [];
  let crash: (error: Error) => void = () => undefined;
  const ended = new Promise<void>((_resolve, reject) => (crash = reject));
  ended.catch(() => undefined);
  const begin = (name: string): void => {
    events.push(`start ${name}`);
    if (name === failing) throw failure;
  };
  const part = (name: string): Part => ({
    stop: () => {
      events.push(`stop ${name}`);
      if (failing === `hanging ${name}`) return new Promise(() => undefined);
      return name === failing?.replace('stopping ', '') ? Promise.reject(failure) : Promise.resolve();
    },
  });
  const begun = <T extends object>(name: string, more: T): Promise<Part & T> => {
    try {
      begin(name);
      return Promise.resolve({ ...part(name), ...more });
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const sandboxSettings = {
    CONCUR_AUTH_URL: 'http://127.0.0.1:9001',
    CONCUR_ALLOWED_ORIGINS: ['http://127.0.0.1:9001'],
    CONCUR_CLIENT_ID: 'sandbox-client',
    CONCUR_CLIENT_SECRET: 'sandbox-secret',
  };
  const fake: FakeParts = {
    events,
    authUrls,
    runState: {},
    crashWorker: (error) => crash(error),
    parts: {
      async claim(dir): Promise<DataDirClaim> {
        await begun('claim', {});
        const runFile: DataDirClaim['runFile'] = {
          path: `${dir}/run.json`,
          read: () => fake.runState,
          update: (sections) => void (fake.runState = { ...fake.runState, ...sections }),
        };
        return { dir, runFile, release: () => void events.push('release claim') };
      },
      requireFreePort(port, settingName) {
        events.push(`check ${settingName}`);
        if (failing !== 'port') return Promise.resolve();
        return Promise.reject(new LocalServerError('port-in-use', `${settingName}: port ${port} is in use.`));
      },
      freePort: (remembered) => Promise.resolve(remembered ?? 4_711),
      startInfrastructure: () =>
        begun('infrastructure', {
          databaseUrl: 'postgres://fake',
          temporal: { address: '127.0.0.1:7233', namespace: 'default', configured: false },
          temporalUi: 'http://127.0.0.1:8233',
        }),
      findInfrastructure: (settings) =>
        Promise.resolve({
          databaseUrl: 'postgres://fake',
          temporal: { address: '127.0.0.1:7233', namespace: 'default', configured: false },
          temporalUi: undefined,
          settings,
          simulation: false,
        }),
      startSandbox: () =>
        begun('sandbox', {
          url: 'http://127.0.0.1:9001',
          url2: 'http://127.0.0.1:9002',
          port: 9_001,
          port2: 9_002,
          settings: sandboxSettings,
        }),
      compose: () => ({
        openStore: () => begun('store', {}),
        prepareTemporal: () => begun('temporal', {}),
        startWorker(settings) {
          authUrls.push(settings.CONCUR_AUTH_URL);
          return begun('worker', { ended, metrics: { port: 9_464, url: 'http://127.0.0.1:9464/metrics' } });
        },
        startApi(settings, { host, port }) {
          authUrls.push(settings.CONCUR_AUTH_URL);
          return begun('api', { url: `http://${host}:${port}` });
        },
      }),
    },
  };
  return fake;
}
