import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { type CliContext, type StopSignal } from '../../../cli/context';
import { type Probes } from '../../../cli/doctor/probes';
import { runCli } from '../../../cli/run';
import { type Parts } from '../../../cli/start/parts';

export const KEY = 'cnc_test-key-of-the-fake-api';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
}

/** `GET /v1/entities/acme` → what it answers; a list answers one after the other, the last one for ever. */
export type Routes = Readonly<Record<string, Answer | readonly Answer[] | ((asked: Asked) => Answer)>>;

export interface FakeApi {
  readonly port: number;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** A small HTTP server in the place of the API. */
export async function fakeApi(routes: Routes): Promise<FakeApi> {
  const asked: Asked[] = [];
  const used = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const text = chunks.join('');
      const one: Asked = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
        headers: request.headers,
      };
      asked.push(one);
      const name = `${one.method} ${one.path}`;
      const { status = 200, body, text: plain } = answerOf(routes[name], one, name, used);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(plain ?? (body === undefined ? '' : JSON.stringify(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), asked, close: () => closeServer(server) };
}

function answerOf(
  route: Routes[string] | undefined,
  asked: Asked,
  name: string,
  used: Map<string, number>,
): Answer {
  if (route === undefined) {
    return { status: 404, body: { code: 'not-found', detail: `the fake has no ${name}` } };
  }
  if (typeof route === 'function') return route(asked);
  if (!isList(route)) return route;
  const index = used.get(name) ?? 0;
  used.set(name, index + 1);
  return route[Math.min(index, route.length - 1)] ?? {};
}

function isList(route: Answer | readonly Answer[]): route is readonly Answer[] {
  return Array.isArray(route);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A stream that keeps what is written. */
export class Captured extends Writable {
  text = '';
  constructor(
    readonly isTTY: boolean = false,
    readonly columns: number = 100,
    private readonly onText: (text: string) => unknown = () => undefined,
  ) {
    super();
  }
  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.onText(chunk.toString());
    done();
  }
  cursorTo(): boolean {
    return true;
  }
  clearLine(): boolean {
    return true;
  }
}

/** Time that passes only when somebody sleeps. */
export class FakeClock {
  ms = 0;
  sleeps = 0;
  now(): Date {
    return new Date(Date.UTC(2026, 7, 1) + this.ms);
  }
  monotonicMs(): number {
    return this.ms;
  }
  async sleep(milliseconds: number): Promise<void> {
    this.ms += milliseconds;
    this.sleeps += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface RunOptions {
  readonly routes?: Routes;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Somebody sits at a terminal and types `stdin`. */
  readonly terminal?: boolean;
  readonly parts?: Parts;
  readonly probes?: Probes;
  readonly files?: Readonly<Record<string, string>>;
  /** Called with what sends a signal, once somebody listens. */
  readonly onClock?: (clock: FakeClock) => void;
  /** Called with each text written to standard error. */
  readonly onNote?: (text: string) => unknown;
  readonly onListening?: (send: (signal: StopSignal) => void) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly Asked[];
  readonly clock: FakeClock;
  readonly forced: number[];
}

/** Runs one command line in this process, against a fake API on a free port and in a folder of its own. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const api = await fakeApi(options.routes ?? {});
  const folder = mkdtempSync(join(tmpdir(), 'concordance-cli-'));
  const terminal = options.terminal === true;
  const stdout = new Captured(terminal);
  const stderr = new Captured(terminal, 100, options.onNote);
  const clock = new FakeClock();
  options.onClock?.(clock);
  const forced: number[] = [];
  for (const [name, text] of Object.entries({ '.env': '', ...options.files }))
    writeFileSync(join(folder, name), text);
  const context: CliContext = {
    env: { DATA_DIR: join(folder, 'data'), API_PORT: String(api.port), API_KEY: KEY, ...options.env },
    folder,
    stdin: inputOf(options.stdin ?? '', terminal),
    stdout,
    stderr,
    clock,
    onSignal(listener) {
      options.onListening?.(listener);
      return () => undefined;
    },
    forceExit: (code) => void forced.push(code),
    loadParts: () =>
      options.parts === undefined ? Promise.reject(new Error('no parts')) : Promise.resolve(options.parts),
    loadProbes: () =>
      options.probes === undefined ? Promise.reject(new Error('no probes')) : Promise.resolve(options.probes),
  };
  try {
    const code = await runCli(args, context);
    return { code, stdout: stdout.text, stderr: stderr.text, asked: api.asked, clock, forced };
  } finally {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function inputOf(text: string, terminal: boolean): CliContext['stdin'] {
  if (!terminal) return Readable.from(text === '' ? [] : [text]);
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  stream.end(text);
  return stream;
}
