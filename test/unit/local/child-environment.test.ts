import { fetchEnvironment, serverEnvironment } from '../../../workers/local/child-environment';

const env = {
  PATH: '/usr/bin',
  HOME: '/home/u',
  HTTPS_PROXY: 'http://proxy:3128',
  PIP_INDEX_URL: 'https://index.example',
  CONCUR_CLIENT_SECRET: 'secret',
  ENCRYPTION_KEYS: 'k1:secret',
  DATABASE_URL: 'postgres://secret',
  GOOGLE_API_KEY: 'secret',
  PGDATA: '/elsewhere',
  TEMPORAL_ADDRESS: 'elsewhere:7233',
};

it('gives servers no secret and nothing that would change what they do', () => {
  expect(serverEnvironment(env)).toEqual({ PATH: '/usr/bin', HOME: '/home/u', LC_ALL: 'C', TZ: 'UTC' });
});

it('gives downloads the proxy and the index, and no secret', () => {
  expect(fetchEnvironment(env)).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/u',
    HTTPS_PROXY: 'http://proxy:3128',
    PIP_INDEX_URL: 'https://index.example',
    LC_ALL: 'C.UTF-8',
  });
});
