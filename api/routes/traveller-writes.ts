import { type FastifyReply, type FastifyRequest } from 'fastify';
import { hasScope, requireScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { Problem } from '../problem';
import { answer, noContent, problems, SECURED, TAGS } from '../route-docs';
import { eraseQuery, newTravellerSchema, travellerChangeSchema, travellerSchema } from '../schemas/traveller';
import { requireStage } from '../stage-rules';
import { travellerJson } from '../views/traveller';
import { incomingTraveller, requireSameId } from '../writes/incoming-traveller';
import { etagOf, preconditionsOf, requirePreconditions } from '../writes/preconditions';
import { deactivateTraveller, writeTraveller } from '../writes/write-traveller';
import { entityParams } from './entities';
import { travellerParams } from './travellers';

const IF_MATCH =
  '`If-Match` with the `ETag` of a read refuses the write with 412 when somebody else wrote meanwhile.';

export function registerTravellerWrites(app: Api, context: ApiContext): void {
  const { store, ids, clock } = context;
  const requireWritable = async (entityId: string): Promise<void> =>
    requireStage(await store.entities.get(entityId), 'write-travellers');

  /** Answers a write as it is stored; a key that cannot read sees no content. */
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    entityId: string,
    { id, created }: { readonly id: string; readonly created: boolean },
  ): Promise<FastifyReply> => {
    const view = await store.travellers.get(entityId, id);
    if (created) void reply.code(201).header('location', `/v1/entities/${entityId}/travellers/${id}`);
    const sight = { content: hasScope(request, 'read'), sensitive: hasScope(request, 'sensitive') };
    return reply.header('etag', etagOf(view.traveller.version)).send(travellerJson(view, sight));
  };

  app.post('/v1/entities/:id/travellers', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.travellers],
      summary: 'Create a traveller',
      security: SECURED,
      params: entityParams,
      body: newTravellerSchema,
      response: { 201: answer('Created.', travellerSchema), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async (request, reply) => {
      const { id: entityId } = request.params;
      await requireWritable(entityId);
      const incoming = incomingTraveller(request.body.id ?? ids.next(), request.body);
      if ((await store.travellers.find(entityId, incoming.id)) !== undefined) throw exists(incoming.id);
      const { created } = await writeTraveller(context, entityId, incoming, { ifNoneMatch: '*' });
      return show(request, reply, entityId, { id: incoming.id, created });
    },
  });

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/v1/entities/:id/travellers/:travellerId',
      config: { access: 'write' },
      schema: {
        tags: [TAGS.travellers],
        ...WORDS[method],
        security: SECURED,
        params: travellerParams,
        body: travellerChangeSchema,
        response: {
          200: answer('As it is stored now.', travellerSchema),
          ...(method === 'PUT' ? { 201: answer('Created.', travellerSchema) } : {}),
          ...problems(401, 403, 404, 409, 412, 422),
        },
      },
      handler: async (request, reply) => {
        const { id: entityId, travellerId } = request.params;
        await requireWritable(entityId);
        requireSameId(request.body.id, travellerId);
        if (method === 'PATCH') await store.travellers.get(entityId, travellerId);
        const incoming = incomingTraveller(travellerId, request.body);
        const { created } = await writeTraveller(context, entityId, incoming, preconditionsOf(request));
        return show(request, reply, entityId, { id: travellerId, created });
      },
    });
  }

  app.delete('/v1/entities/:id/travellers/:travellerId', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.travellers],
      summary: 'Deactivate a traveller, or erase the personal data',
      description: `The status becomes \`inactive\`, here and in Concur; it stays readable. With \`erase=true\` (scope \`admin\`) the personal data is removed wherever the hub holds it; Concur’s profile is left alone. ${IF_MATCH}`,
      security: SECURED,
      params: travellerParams,
      querystring: eraseQuery,
      response: { ...noContent('Done.'), ...problems(401, 403, 404, 409, 412) },
    },
    handler: async (request, reply) => {
      const { id: entityId, travellerId } = request.params;
      if (request.query.erase !== 'true') {
        await requireWritable(entityId);
        await deactivateTraveller(context, entityId, travellerId, preconditionsOf(request));
        return reply.code(204).send(null);
      }
      requireScope(request, 'admin');
      const { traveller } = await store.travellers.get(entityId, travellerId);
      requirePreconditions(preconditionsOf(request), traveller.version);
      await store.travellers.erase(entityId, travellerId, { now: clock.now() });
      return reply.code(204).send(null);
    },
  });
}

const WORDS = {
  PUT: {
    summary: 'Create or replace a traveller',
    description: `Idempotent. What is absent stays, \`null\` or \`[]\` clears, a list replaces the stored one. What GET answered may be sent back as it is. ${IF_MATCH}`,
    consumes: ['application/json'],
  },
  PATCH: {
    summary: 'Change a traveller',
    description: `JSON merge patch (RFC 7396): \`null\` clears, lists replace whole. ${IF_MATCH}`,
    consumes: ['application/merge-patch+json', 'application/json'],
  },
} as const;

function exists(id: string): Problem {
  return new Problem(
    409,
    'traveller-exists',
    `There is a traveller ${id} already. Change it with PUT or PATCH.`,
  );
}
