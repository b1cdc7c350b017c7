import { createOriginGate } from '../../concur/origins';
import { type Settings } from '../../config';
import { reasonOf } from '../../workers/local/errors';
import { type ApiClient } from '../api-client';
import { type Entity } from '../api-types';
import { failureOf, isApiProblem, isUnreachable } from '../errors';
import { type Check, fail, ok, warn } from './check';
import { type Probes } from './probes';

const SANDBOX_ONLY =
  'Needed outside the sandbox only: set CONCUR_CLIENT_ID and CONCUR_CLIENT_SECRET (or …_FILE).';

function hasCredentials({ CONCUR_CLIENT_ID, CONCUR_CLIENT_SECRET }: Settings): boolean {
  return CONCUR_CLIENT_ID !== undefined && CONCUR_CLIENT_SECRET !== undefined;
}

export function checkOrigins({ CONCUR_AUTH_URL, CONCUR_ALLOWED_ORIGINS }: Settings): Check {
  const name = 'Concur origins';
  try {
    const origin = createOriginGate(CONCUR_ALLOWED_ORIGINS).check(CONCUR_AUTH_URL);
    return ok(
      name,
      `tokens may go to ${[...new Set(['*.concursolutions.com', origin, ...CONCUR_ALLOWED_ORIGINS])].join(', ')}`,
    );
  } catch (error) {
    return fail(
      name,
      reasonOf(error),
      'Correct CONCUR_AUTH_URL, or name its origin in CONCUR_ALLOWED_ORIGINS.',
    );
  }
}

export async function checkReachable(settings: Settings, probes: Probes): Promise<Check> {
  const name = 'Concur';
  const base = settings.CONCUR_AUTH_URL;
  try {
    const status = await probes.http(base);
    return ok(name, `${base} answers (HTTP ${status})`);
  } catch (error) {
    const found = `${base} does not answer: ${reasonOf(error)}`;
    if (!hasCredentials(settings))
      return warn(name, found, 'Needed outside the sandbox only: open the network to it.');
    return fail(name, found, 'Look at network, proxy and firewall, or correct CONCUR_AUTH_URL.');
  }
}

/**
 * Credentials cannot be tried by themselves (docs/concur.md §1: a token call needs a company's token): what
 * is known is what Concur said about the entities that are connected.
 */
export async function checkCredentials(settings: Settings, api: () => ApiClient): Promise<Check> {
  const name = 'Credentials';
  const id = settings.CONCUR_CLIENT_ID;
  // Never more than the last six characters, as in a support case (docs/concur.md §2).
  const client = id === undefined ? undefined : `client …${id.slice(-6)}`;
  if (!hasCredentials(settings)) {
    const half = id !== undefined || settings.CONCUR_CLIENT_SECRET !== undefined;
    const found = half
      ? 'only one of CONCUR_CLIENT_ID and CONCUR_CLIENT_SECRET is set'
      : 'no Concur application is set';
    return half ? fail(name, found, 'Set both, or neither.') : warn(name, found, SANDBOX_ONLY);
  }
  try {
    return judged(name, client ?? '', await api().entities());
  } catch (error) {
    if (!isUnreachable(error) && !isApiProblem(error)) throw error;
    const words = failureOf(error).message.split('\n')[0] ?? '';
    return warn(
      name,
      `${client ?? ''} is set; whether Concur accepts it is not known: ${words}`,
      'Start the API and run this again.',
    );
  }
}

function judged(name: string, client: string, entities: readonly Entity[]): Check {
  const refused = entities.filter(({ stage }) => stage === 'needs-reauthorisation');
  if (refused.length > 0) {
    const ids = refused.map(({ id }) => id).join(', ');
    return fail(
      name,
      `Concur no longer lets in: ${ids}`,
      'Ask Concur for a new request token, then: concordance token submit <id>',
    );
  }
  const connected = entities.filter(({ refreshTokenExpiresAt }) => (refreshTokenExpiresAt ?? null) !== null);
  if (connected.length > 0)
    return ok(name, `${client}, accepted for ${connected.map(({ id }) => id).join(', ')}`);
  return warn(
    name,
    `${client} is set; no entity is connected yet, so Concur has not been asked`,
    'Connect an entity: concordance entity add, then concordance token submit.',
  );
}
