import { z } from 'zod';
import { type Api, type ApiContext } from '../deps';
import { pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, noContent, problems, SECURED, TAGS } from '../route-docs';
import { pageQuery, pageSchema } from '../schemas/common';
import { apiKeySchema, createdApiKeySchema, newApiKeySchema, rowParams } from '../schemas/records';
import { apiKeyJson } from '../views/records';

/** Belongs to the setting API_KEY; made again at every start. */
const BOOTSTRAP = 'bootstrap';

export function registerApiKeys(app: Api, { store, clock }: ApiContext): void {
  app.post('/v1/api-keys', {
    config: { access: 'admin' },
    schema: {
      tags: [TAGS.keys],
      summary: 'Create an API key',
      description: 'The key is shown in this answer only. Nobody can give a scope away that they lack.',
      security: SECURED,
      body: newApiKeySchema,
      response: { 201: answer('Created.', createdApiKeySchema), ...problems(401, 403, 422) },
    },
    handler: async ({ body, caller }, reply) => {
      const scopes = [...new Set(body.scopes)];
      const beyond = scopes.filter((scope) => caller?.scopes.includes(scope) !== true);
      if (beyond.length > 0) {
        throw new Problem(
          403,
          'scope-missing',
          `Your key lacks ${beyond.join(', ')}, so it cannot give it away.`,
        );
      }
      const { apiKey, key } = await store.apiKeys.create({ name: body.name, scopes }, { now: clock.now() });
      return reply.code(201).send({ ...apiKeyJson(apiKey), key });
    },
  });

  app.get('/v1/api-keys', {
    config: { access: 'admin' },
    schema: {
      tags: [TAGS.keys],
      summary: 'List API keys',
      security: SECURED,
      querystring: z.strictObject(pageQuery),
      response: { 200: answer('One page.', pageSchema(apiKeySchema)), ...problems(401, 403, 422) },
    },
    handler: async ({ query }, reply) =>
      reply.send(pageJson(await store.apiKeys.list(pageQueryOf(query)), apiKeyJson)),
  });

  app.delete('/v1/api-keys/:id', {
    config: { access: 'admin' },
    schema: {
      tags: [TAGS.keys],
      summary: 'Revoke an API key',
      security: SECURED,
      params: rowParams,
      response: { ...noContent('Revoked.'), ...problems(401, 403, 404, 409) },
    },
    handler: async ({ params }, reply) => {
      if (params.id === BOOTSTRAP) {
        throw new Problem(409, 'bootstrap-key', 'Replace the bootstrap key by changing the setting API_KEY.');
      }
      const revoked = await store.apiKeys.revoke(params.id, { now: clock.now() });
      if (!revoked) throw new Problem(404, 'api-key-not-found', `There is no API key ${params.id}.`);
      return reply.code(204).send(null);
    },
  });
}
