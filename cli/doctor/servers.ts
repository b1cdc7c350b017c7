import { type Environment, type Settings } from '../../config';
import { type RunningInfrastructure } from '../../workers/local';
import { reasonOf } from '../../workers/local/errors';
import { apiBase } from '../api-address';
import { type Check, fail, ok, warn } from './check';
import { type Probes } from './probes';

const BRINGS_OWN = 'Nothing to do: `concordance start` runs one of its own.';

export async function checkTemporal(
  settings: Settings,
  env: Environment,
  running: RunningInfrastructure | undefined,
  probes: Probes,
): Promise<Check> {
  const name = 'Temporal';
  const address = settings.TEMPORAL_ADDRESS ?? running?.temporalAddress;
  if (address === undefined)
    return warn(name, 'TEMPORAL_ADDRESS is not set and no start runs here', BRINGS_OWN);
  const namespace = settings.TEMPORAL_NAMESPACE;
  const configured = settings.TEMPORAL_ADDRESS !== undefined;
  try {
    const missing = await probes.temporal({ address, namespace, ...(configured ? { env } : {}) });
    if (missing.length === 0)
      return ok(name, `${address} answers, namespace ${namespace}, search attributes there`);
    return warn(
      name,
      `${address} answers, but search attributes are missing: ${missing.join(', ')}`,
      'They are registered when a worker starts; it needs the right to do so (docs/operations.md).',
    );
  } catch (error) {
    const advice = configured
      ? 'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_* or TEMPORAL_API_KEY.'
      : 'End the start on this DATA_DIR and start it again.';
    return fail(name, `${address} does not answer: ${reasonOf(error)}`, advice);
  }
}

export async function checkStore(
  settings: Settings,
  running: RunningInfrastructure | undefined,
  probes: Probes,
): Promise<Check> {
  const name = 'Store';
  const url = settings.DATABASE_URL ?? running?.databaseUrl;
  if (url === undefined) return warn(name, 'DATABASE_URL is not set and no start runs here', BRINGS_OWN);
  const place = settings.DATABASE_URL === undefined ? 'the embedded PostgreSQL' : 'DATABASE_URL';
  try {
    const missing = await probes.store(url);
    if (missing.length === 0) return ok(name, `${place} answers, schema up to date`);
    return warn(
      name,
      `${place} answers, but its schema is not up to date (${missing.length} to run)`,
      'Start a worker or an API: whichever comes first brings it up to date.',
    );
  } catch (error) {
    // The driver's words name host and role, never the password.
    return fail(
      name,
      `${place} does not answer: ${reasonOf(error)}`,
      'Start PostgreSQL, or correct DATABASE_URL.',
    );
  }
}

/** `/health/live` needs no key. @param runs whether a start on this folder says that it serves one */
export async function checkApi(settings: Settings, runs: boolean, probes: Probes): Promise<Check> {
  const name = 'API';
  const advice = 'Start it with `concordance start`, or set API_HOST and API_PORT to where it runs.';
  try {
    const base = apiBase(settings);
    const status = await probes.http(`${base}/health/live`);
    if (status < 500) return ok(name, `${base} answers`);
    return fail(name, `${base} answers with ${status}`, 'Look at its log.');
  } catch (error) {
    const found = `does not answer: ${reasonOf(error)}`;
    return runs ? fail(name, found, advice) : warn(name, found, advice);
  }
}
