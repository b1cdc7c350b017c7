import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(__dirname, '../../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  restart: z.string(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()).min(2) }).optional(),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});

const compose = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
/** They do their work and end; whoever waits for them waits for that. */
const isOnce = ({ restart }: z.infer<typeof serviceSchema>) => restart.startsWith('on-failure');

describe('docker-compose.yml', () => {
  it('has the servers, the two steps that prepare them, the worker and the API', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'api',
      'postgres',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  it.each(services)('%s has a pinned image', (_name, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$/);
  });

  it.each(services.filter(([, service]) => !isOnce(service)))('%s tells how it is', (_name, service) => {
    expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  it.each(services)('%s waits until what it needs is ready, not only started', (_name, { depends_on }) => {
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const service = compose.services[needed];
      expect(service).toBeDefined();
      const expected =
        service !== undefined && isOnce(service) ? 'service_completed_successfully' : 'service_healthy';
      expect(condition).toBe(expected);
    }
  });

  it.each(services)('%s is published on loopback only, if at all', (_name, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('publishes the Temporal UI, the API and metrics, and neither PostgreSQL nor Temporal', () => {
    const published = services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name);
    expect(published.sort()).toEqual(['api', 'temporal-ui', 'worker']);
  });

  it('has no default for any secret', () => {
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET|KEYS?$|DATABASE_URL/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(0);
    for (const [name, value] of secrets) expect(`${name}=${value}`).toMatch(/\$\{[A-Z_]+:\?[^}]+\}/);
  });

  it('keeps data in named volumes and takes scripts from this file', () => {
    for (const [, { volumes, configs }] of services) {
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const { source } of configs) expect(Object.keys(compose.configs)).toContain(source);
    }
  });

  it('names the image by the version of the package', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')));
    const own = services.filter(([, { build }]) => build !== undefined).map(([, { image }]) => image);
    expect(new Set(own)).toEqual(new Set([`concordance:${version}`]));
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');

  it('builds on pinned images of the Node version of .nvmrc or a later patch', () => {
    const images = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []);
    const [major = ''] = read('.nvmrc').trim().split('.');
    expect(images.length).toBeGreaterThanOrEqual(2);
    for (const image of images) expect(image).toMatch(new RegExp(`^node:${major}\\.\\d+\\.\\d+-[a-z]+`));
  });

  it('runs as a user without rights, with the packages of the product only', () => {
    expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
    expect(read('Dockerfile')).toContain('npm ci --omit=dev');
  });

  it('sees no keys and no data', () => {
    const [first] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    expect(read('.dockerignore')).not.toMatch(/^!(\.env|data)/m);
  });
});
