import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Settings } from '../config';
import { API_KEY_FILE } from '../hub/crypto/api-key';
import { errorCode } from '../workers/local/errors';
import { isRunning } from '../workers/local/processes';
import { readRunState } from '../workers/local/run-file';
import { CliError, Unreachable } from './errors';

type AddressSettings = Pick<Settings, 'API_HOST' | 'API_PORT' | 'API_KEY' | 'DATA_DIR'>;

/** An address that listens everywhere is reached on loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

export function apiUrl(host: string, port: number): string {
  return `http://${reachable(host)}:${port}`;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const apiSection = z.looseObject({ port: z.number(), host: z.string().optional() });

/**
 * Where the API is: of a `start` that runs on the same DATA_DIR, else as API_HOST and API_PORT say. Whoever
 * names another machine means that one.
 * @throws Unreachable where neither says it
 */
export function apiBase(settings: AddressSettings): string {
  const configured = reachable(settings.API_HOST);
  const state = readRunState(settings.DATA_DIR);
  const section = apiSection.safeParse(state.api);
  if (section.success && state.start !== undefined && isRunning(state.start)) {
    const host = reachable(section.data.host ?? '127.0.0.1');
    if (host === configured || LOOPBACK.has(configured)) return `http://${host}:${section.data.port}`;
  }
  if (settings.API_PORT !== 0) return apiUrl(settings.API_HOST, settings.API_PORT);
  throw new Unreachable(
    `No start runs on ${settings.DATA_DIR}, and API_PORT 0 names no port. ` +
      'Start it with `npx concordance start`, or set API_PORT to where the API runs.',
  );
}

/** API_KEY, else the bootstrap key that the first start left under DATA_DIR. */
export function apiKey(settings: AddressSettings): string | undefined {
  if (settings.API_KEY !== undefined) return settings.API_KEY;
  const path = join(settings.DATA_DIR, API_KEY_FILE);
  try {
    const key = readFileSync(path, 'utf8').trim();
    return key === '' ? undefined : key;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw new CliError(
      'api-key-unreadable',
      `${path} cannot be read (${errorCode(error) ?? 'unknown reason'}). Run the command as the user of \`start\`, or set API_KEY.`,
      { cause: error },
    );
  }
}

export const sandboxSection = z.looseObject({ url: z.string(), url2: z.string().optional() });

/** Where the sandbox is: as the last start noted it, else at SANDBOX_PORT. */
export function sandboxBase(settings: Pick<Settings, 'DATA_DIR' | 'SANDBOX_PORT'>): string {
  const section = sandboxSection.safeParse(readRunState(settings.DATA_DIR).sandbox);
  if (section.success) return section.data.url;
  if (settings.SANDBOX_PORT !== 0) return `http://127.0.0.1:${settings.SANDBOX_PORT}`;
  throw new CliError(
    'no-sandbox',
    'No sandbox is known for this DATA_DIR. Start one with `npx concordance start --sandbox` or `npx concordance sandbox`.',
  );
}
