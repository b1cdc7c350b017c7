import { type Environment, isSettingsError, type Settings } from '../../config';
import { type ApiClient } from '../api-client';
import { type Check, fail, ok } from './check';
import { checkCredentials, checkOrigins, checkReachable } from './concur';
import { checkApiKey, checkDataDir, checkKeys } from './local';
import { type Probes } from './probes';
import { checkApi, checkStore, checkTemporal } from './servers';

export interface Examined {
  readonly env: Environment;
  readonly probes: Probes;
  /** @throws SettingsError */
  settings(): Settings;
  api(): ApiClient;
}

/** Every setting and every dependency, one check each; none of them changes anything. */
export async function examine(examined: Examined): Promise<Check[]> {
  const settings = readSettings(examined);
  if (Array.isArray(settings)) return settings;
  const { env, probes } = examined;
  const running = await probes.running(settings.DATA_DIR);
  return Promise.all([
    Promise.resolve(ok('Settings', 'valid')),
    checkDataDir(settings),
    checkTemporal(settings, env, running, probes),
    checkStore(settings, running, probes),
    checkApi(settings, running?.apiPort !== undefined, probes),
    checkApiKey(settings),
    checkKeys(settings),
    Promise.resolve(checkOrigins(settings)),
    checkReachable(settings, probes),
    checkCredentials(settings, () => examined.api()),
  ]);
}

/** Without settings nothing else can be looked at. */
function readSettings(examined: Examined): Settings | Check[] {
  try {
    return examined.settings();
  } catch (error) {
    if (!isSettingsError(error)) throw error;
    return error.lines.map((line) => {
      const [name = '', ...rest] = line.split(': ');
      return fail('Settings', `${name}: ${rest.join(': ')}`, 'Correct it, then run this again.');
    });
  }
}
