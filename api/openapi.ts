import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type Api, type ApiContext } from './deps';
import { apiDescription, TAG_LIST } from './openapi-document';
import { PUSH_SECRET_HEADER } from './push/sender';

export const API_TITLE = 'Concordance API';

/** Before the routes: the document is made from what is registered after it. */
export async function registerOpenApi(app: Api, { version, simulation }: ApiContext): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: API_TITLE, version, description: apiDescription(simulation === true) },
      tags: TAG_LIST,
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key with the scopes it needs; `concordance apikey create` or POST /v1/api-keys makes one.',
          },
          pushSecret: {
            type: 'apiKey',
            in: 'header',
            name: PUSH_SECRET_HEADER,
            description:
              'CONCUR_PUSH_SECRET, here or as a bearer token. A client certificate or a signature may stand for it: docs/api.md.',
          },
        },
      },
    },
    transform: withScope,
    transformObject: withoutUnused,
  });
  app.get('/openapi.json', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: (_request, reply) => reply.send(app.swagger()),
  });
}

/** The scope that `auth.ts` asks for, where a reader or a generator finds it. */
export const SCOPE_FIELD = 'x-required-scope';

const withScope: typeof jsonSchemaTransform = (input) => {
  const transformed = jsonSchemaTransform(input);
  const access = input.route.config?.access;
  return {
    ...transformed,
    schema: { ...transformed.schema, ...(access === undefined ? {} : { [SCOPE_FIELD]: access }) },
  };
};

const SCHEMA_REF = /"#\/components\/schemas\/([^"]+)"/g;

/** The provider makes each schema twice, for requests and for answers; what nobody refers to is left out. */
const withoutUnused: SwaggerTransformObject = (document) => {
  const spec = jsonSchemaTransformObject(document);
  if (!('components' in spec) || spec.components === undefined) return spec;
  const schemas: Readonly<Record<string, unknown>> = spec.components.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name] of (JSON.stringify(part) ?? '').matchAll(SCHEMA_REF)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow('paths' in spec ? spec.paths : undefined);
  for (const name of Object.keys(schemas)) if (!used.has(name)) Reflect.deleteProperty(schemas, name);
  return spec;
};
