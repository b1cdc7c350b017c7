import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  claimDataDir,
  endTemporalServer,
  findTemporalCli,
  findTestServer,
  freePort,
  type ProcessIdentity,
  runLocalPostgres,
  startTemporalServer,
  type TemporalFeatures,
} from '../../workers/local';

/**
 * Real servers for tests, on 127.0.0.1 and free ports, with their files in a temporary folder. Usable
 * in a test file (beforeAll/afterAll) or from a Jest globalSetup. They are in Jest's process group, so
 * Ctrl-C ends them too, and nothing of them is found or adopted by a `start`.
 */
export interface TestTemporalServer {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
  stop(): Promise<void>;
}

export interface TestPostgres {
  /** Connection string of an empty database. */
  readonly url: string;
  /** Makes one more empty database on the same server, e.g. one per test file. @returns its URL */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** A Temporal dev server without UI and with its state in memory. Ready in 1–2 s. */
export async function testTemporalServer(
  features: Partial<Omit<TemporalFeatures, 'codecEndpoint'>> = {},
): Promise<TestTemporalServer> {
  const namespace = features.namespace ?? 'default';
  const folder = await temporaryFolder();
  const port = await freePort();
  let identity: ProcessIdentity;
  try {
    const binary = await findTemporalCli({
      settings: { TEMPORAL_CLI_PATH: undefined },
      env: process.env,
      log,
    });
    identity = await startTemporalServer({
      ...features,
      ...{ namespace, binary, port, env: process.env, detached: false },
      logFile: join(folder, 'temporal.log'),
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    namespace,
    async stop() {
      await endTemporalServer(identity);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Path for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
export async function timeSkippingServerPath(): Promise<string> {
  return await findTestServer({ env: process.env, log });
}

/** An empty PostgreSQL without flushing to the disk. Ready in 1–2 s. */
export async function testPostgres(): Promise<TestPostgres> {
  const folder = await temporaryFolder();
  const claim = await claimDataDir(folder);
  try {
    const server = await runLocalPostgres({ claim, env: process.env, log, detached: false, durable: false });
    return {
      url: server.url,
      createDatabase: () => createDatabase(server.url),
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const created = new URL(url);
  created.pathname = `/${name}`;
  return created.href;
}

async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'concordance-test-'));
}
