import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type PayloadKeys } from './codec';
import { dataConverter } from './data-converter';

/** Where the Temporal server is; what the local server or the settings say. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  /** Environment with TEMPORAL_API_KEY, TEMPORAL_TLS_* and profiles; absent for the local server. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Temporal cannot be reached; the message says where and what to do. */
export class TemporalUnreachable extends Error {
  readonly code = 'temporal-unreachable';
  constructor(address: string, options?: ErrorOptions) {
    super(
      `Temporal does not answer at ${address}. Start it, or correct TEMPORAL_ADDRESS (and TEMPORAL_TLS_*, TEMPORAL_API_KEY for a secured server).`,
      options,
    );
    this.name = 'TemporalUnreachable';
  }
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Options for both kinds of connection (client and worker), as `@temporalio/envconfig` reads them. */
export function connectionOptions(target: TemporalTarget) {
  if (target.env === undefined) return { address: target.address };
  const { connectionOptions: options } = loadClientConnectConfig({
    overrideEnvVars: definedOnly(target.env),
  });
  return { ...options, address: target.address };
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** @throws TemporalUnreachable */
export async function connectClient(target: TemporalTarget, keys: PayloadKeys): Promise<Client> {
  try {
    const connection = await Connection.connect({
      ...connectionOptions(target),
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    return clientOver(connection, target, keys);
  } catch (error) {
    throw new TemporalUnreachable(target.address, { cause: error });
  }
}

/** A client that connects when it is first used: the API starts and answers while Temporal is away. */
export function lazyClient(target: TemporalTarget, keys: PayloadKeys): Client {
  return clientOver(Connection.lazy(connectionOptions(target)), target, keys);
}

function clientOver(connection: Connection, target: TemporalTarget, keys: PayloadKeys): Client {
  return new Client({ connection, namespace: target.namespace, dataConverter: dataConverter(keys) });
}
