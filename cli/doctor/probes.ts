import { Client, Connection } from '@temporalio/client';
import { Migrator } from 'kysely';
import { request } from 'undici';
import { connectionOptions } from '../../client/connect';
import { missingSearchAttributes } from '../../client/namespace';
import { type Environment } from '../../config';
import { openDatabase } from '../../hub/db';
import { migrationProvider } from '../../hub/db/migrations';
import { type RunningInfrastructure, runningInfrastructure } from '../../workers/local';

const TIMEOUT_MS = 5_000;

/** Looks at the world outside for `doctor`; each rejects with the reason when there is no answer. */
export interface Probes {
  running(dataDir: string): Promise<RunningInfrastructure | undefined>;
  /** @returns search attributes that the namespace lacks */
  temporal(target: {
    readonly address: string;
    readonly namespace: string;
    readonly env?: Environment;
  }): Promise<string[]>;
  /** @returns migrations of the schema that were not run yet */
  store(databaseUrl: string): Promise<string[]>;
  /** @returns the HTTP status, whichever it is: somebody answers */
  http(url: string): Promise<number>;
}

export const probes: Probes = {
  running: (dataDir) => runningInfrastructure(dataDir),

  async temporal(target) {
    const connection = await Connection.connect({ ...connectionOptions(target), connectTimeout: TIMEOUT_MS });
    try {
      const client = new Client({ connection, namespace: target.namespace });
      return await connection.withDeadline(Date.now() + TIMEOUT_MS, () => missingSearchAttributes(client));
    } finally {
      await connection.close();
    }
  },

  async store(databaseUrl) {
    const db = openDatabase(databaseUrl, { maxConnections: 1 });
    try {
      const migrations = await new Migrator({ db, provider: migrationProvider }).getMigrations();
      return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
    } finally {
      await db.destroy();
    }
  },

  async http(url) {
    const { statusCode, body } = await request(url, {
      method: 'HEAD',
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    await body.dump();
    return statusCode;
  },
};
