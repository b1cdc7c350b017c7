import { z } from 'zod';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, pageSchema, travellerIdSchema } from '../schemas/common';
import { travellerQuery, travellerSchema } from '../schemas/traveller';
import { travellerJson } from '../views/traveller';
import { etagOf } from '../writes/preconditions';
import { entityParams } from './entities';

export const travellerParams = z.object({ id: entityIdSchema, travellerId: travellerIdSchema });

export function registerTravellers(app: Api, { store }: ApiContext): void {
  app.get('/v1/entities/:id/travellers', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.travellers],
      summary: 'List travellers',
      security: SECURED,
      params: entityParams,
      querystring: travellerQuery,
      response: { 200: answer('One page.', pageSchema(travellerSchema)), ...problems(401, 403, 404, 422) },
    },
    handler: async (request, reply) => {
      const { params, query } = request;
      const filters = defined({ status: query.status, state: query.state });
      const page = await store.travellers.list(params.id, { ...pageQueryOf(query), ...filters });
      const sight = { content: true, sensitive: hasScope(request, 'sensitive') };
      return reply.send(pageJson(page, (view) => travellerJson(view, sight)));
    },
  });

  app.get('/v1/entities/:id/travellers/:travellerId', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.travellers],
      summary: 'Show a traveller',
      description: 'The `ETag` names the version of the content; send it back as `If-Match` with a write.',
      security: SECURED,
      params: travellerParams,
      response: { 200: answer('The traveller.', travellerSchema), ...problems(401, 403, 404) },
    },
    handler: async (request, reply) => {
      const { id, travellerId } = request.params;
      const view = await store.travellers.get(id, travellerId);
      return reply
        .header('etag', etagOf(view.traveller.version))
        .send(travellerJson(view, { content: true, sensitive: hasScope(request, 'sensitive') }));
    },
  });
}
