import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type Environment } from '../../config';

/**
 * Where fetched programs are kept for all projects of this user:
 * `$XDG_CACHE_HOME/concordance`, else `~/Library/Caches/concordance` (macOS) or `~/.cache/concordance`.
 */
export function cacheFolder(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const xdg = env.XDG_CACHE_HOME;
  // The XDG specification has relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'concordance');
  const home = env.HOME !== undefined && env.HOME !== '' ? env.HOME : homedir();
  return platform === 'darwin' ? join(home, 'Library/Caches/concordance') : join(home, '.cache/concordance');
}
