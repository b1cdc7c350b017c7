import { NotAllowedOrigin } from './errors';

/** Hosts a token may be sent to: those below this one, and what the configuration adds. */
const CONCUR_DOMAIN = '.concursolutions.com';
/**
 * A plain host, and a port or not. URL repairs much silently (tabs, line ends, backslashes, percent signs,
 * letters that only look like Latin ones): an address that needs it is not trusted.
 */
const PLAIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#][^\s\\]*)?$/i;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The gate before every request (docs/concur.md §1, geolocation): a token must never be sent anywhere
 * but to Concur and to the origins an operator has named.
 */
export interface OriginGate {
  /** The origin of an address that may be called. @throws NotAllowedOrigin */
  check(address: string | URL): string;
  /** True where {@link check} would not throw. */
  allows(address: string | URL): boolean;
}

/**
 * @param additional origins beside Concur's (`CONCUR_ALLOWED_ORIGINS`); https, or http for loopback
 * @throws NotAllowedOrigin where one of them is not a plain origin
 */
export function createOriginGate(additional: readonly string[]): OriginGate {
  const configured = new Set(additional.map(configuredOrigin));

  function originOf(address: string | URL): string | undefined {
    const url = parse(address);
    if (url === undefined || hasUserInfo(url)) return undefined;
    if (configured.has(url.origin)) return url.origin;
    // A default port is '' in a parsed URL; a host with a trailing dot ends in '.com.'.
    const isConcur = url.protocol === 'https:' && url.port === '' && url.hostname.endsWith(CONCUR_DOMAIN);
    return isConcur ? url.origin : undefined;
  }

  return {
    check(address) {
      const origin = originOf(address);
      if (origin === undefined) {
        throw new NotAllowedOrigin(
          'An address outside *.concursolutions.com was about to be called; nothing was sent. If it is ' +
            'meant to be, name its origin in CONCUR_ALLOWED_ORIGINS.',
        );
      }
      return origin;
    },
    allows: (address) => originOf(address) !== undefined,
  };
}

function configuredOrigin(text: string): string {
  const url = parse(text);
  const isPlain = url !== undefined && !hasUserInfo(url) && url.pathname === '/' && url.search === '';
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!isPlain || !isSafe) {
    throw new NotAllowedOrigin(
      'CONCUR_ALLOWED_ORIGINS must hold origins such as https://proxy.example.com, or http:// for ' +
        'loopback only. Correct it in the environment or in .env.',
    );
  }
  return url.origin;
}

function hasUserInfo(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

function parse(address: string | URL): URL | undefined {
  if (typeof address === 'string' && !PLAIN.test(address)) return undefined;
  try {
    return new URL(address);
  } catch {
    // No address at all, and so none that is allowed.
    return undefined;
  }
}
