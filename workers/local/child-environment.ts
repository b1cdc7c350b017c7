import { type Environment } from '../../config';

/**
 * Children get named variables only: our own environment holds client secrets and keys, and a stray
 * `PGDATA` or `TEMPORAL_ADDRESS` would change what a server does.
 */
const SYSTEM = ['PATH', 'HOME', 'TMPDIR', 'USER', 'LOGNAME'];

/** What pip, Go and the SDK need to reach their registries from behind a proxy. */
const FETCHING = [
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
  ],
  ...[
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'NODE_EXTRA_CA_CERTS',
    'NETRC',
  ],
  ...['PYTHONPATH', 'PYTHONHOME', 'PYENV_ROOT', 'PYENV_VERSION', 'VIRTUAL_ENV', 'CONDA_PREFIX'],
  ...['GOPROXY', 'GOPRIVATE', 'GONOPROXY', 'GONOSUMDB', 'GOSUMDB', 'GOINSECURE', 'GOFLAGS', 'GOENV'],
  ...['GOPATH', 'GOROOT', 'GOCACHE', 'GOMODCACHE', 'GOTOOLCHAIN', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME'],
];

/** Environment of a local server: nothing but where programs and the home folder are. */
export function serverEnvironment(env: Environment): Record<string, string> {
  return { ...pick(env, SYSTEM), LC_ALL: 'C', TZ: 'UTC' };
}

/** Environment of a program that fetches something: also proxies, certificates and `PIP_*`. */
export function fetchEnvironment(env: Environment): Record<string, string> {
  const pip = Object.keys(env).filter((name) => name.startsWith('PIP_'));
  return { ...pick(env, [...SYSTEM, ...FETCHING, ...pip]), LC_ALL: 'C.UTF-8' };
}

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && value !== '') picked[name] = value;
  }
  return picked;
}
