import { z } from 'zod';
import { newTravellerSchema, travellerSchema } from '../../../api/schemas/traveller';
import { TRAVELLER_EXAMPLE } from '../../../api/schemas/traveller-example';
import { SECTION_NAMES } from '../../../profile';
import { aBench, type Bench, call, entityIn, json } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench({ simulation: true });
});
afterAll(() => bench.close());

const operationSchema = z.object({
  summary: z.string().min(5),
  tags: z.array(z.string()).length(1),
  responses: z.record(z.string(), z.object({ description: z.string().min(5) })),
  security: z.array(z.unknown()).optional(),
});
const documentSchema = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), description: z.string(), version: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(5) })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

describe('the OpenAPI document', () => {
  it('describes every route', async () => {
    const document = documentSchema.parse(json(await call(bench, 'GET /openapi.json', { key: '' })));
    expect(document.info.title).toBe('Concordance API');
    expect(document.info.description).toContain('A sandbox is attached');
    const tags = document.tags.map(({ name }) => name);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        expect(tags).toContain(operation.tags[0]);
        const secured = operation.security !== undefined;
        expect({ path, method, secured }).toEqual({ path, method, secured: !path.startsWith('/health') });
        expect({ path, problems: '401' in operation.responses }).toEqual({ path, problems: secured });
      }
    }
  });

  it('refers only to schemas that are there, and leaves out those that nobody needs', async () => {
    const text = (await call(bench, 'GET /openapi.json', { key: '' })).body;
    const { components } = documentSchema.parse(JSON.parse(text));
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(components.schemas).sort());
  });

  it('holds JSON Schema and one full example of a traveller', async () => {
    const { components } = documentSchema.parse(json(await call(bench, 'GET /openapi.json', { key: '' })));
    const traveller = z
      .object({ properties: z.record(z.string(), z.unknown()), examples: z.array(z.unknown()) })
      .parse(components.schemas['Traveller']);
    expect(Object.keys(traveller.properties)).toEqual(expect.arrayContaining([...SECTION_NAMES, 'sync']));
    expect(traveller.examples).toEqual([TRAVELLER_EXAMPLE]);
  });

  it('has an example that the API takes', async () => {
    expect(travellerSchema.safeParse(TRAVELLER_EXAMPLE).success).toBe(true);
    expect(newTravellerSchema.safeParse(TRAVELLER_EXAMPLE).success).toBe(true);
    await entityIn(bench, 'acme', 'active');
    const answer = await call(bench, 'POST /v1/entities/acme/travellers', { body: TRAVELLER_EXAMPLE });
    expect(answer.statusCode).toBe(201);
    expect(travellerSchema.safeParse(json(answer)).error).toBeUndefined();
  });
});

describe('the documentation', () => {
  it.each([
    ['/docs', 'text/html'],
    ['/docs/', 'text/html'],
    ['/docs/start.js', 'text/javascript'],
    ['/docs/concordance.css', 'text/css'],
    ['/docs/swagger-ui.css', 'text/css'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript'],
    ['/docs/favicon-32x32.png', 'image/png'],
  ])('serves %s', async (url, type) => {
    const answer = await call(bench, `GET ${url}`, { key: '' });
    expect([answer.statusCode, answer.rawPayload.length > 100]).toEqual([200, true]);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
  });
});
