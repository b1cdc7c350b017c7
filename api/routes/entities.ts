import { z } from 'zod';
import { type Entity, type EntityCounts } from '../../hub';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, pageSchema } from '../schemas/common';
import {
  entityAnswerSchema,
  entityPatchSchema,
  entityQuery,
  entitySchema,
  type NewEntityJson,
  newEntitySchema,
} from '../schemas/entity';
import { inMilliseconds, openDeadlineOf, openedState, restoreWindow, windowOf } from '../token-window';
import { entityJson } from '../views/entity';
import { changeEntity, preparedState } from '../writes/change-entity';
import { definitionOf } from '../writes/entity-definition';

export const entityParams = z.object({ id: entityIdSchema });

export function registerEntities(app: Api, context: ApiContext): void {
  const { store, clock } = context;
  const view = (entity: Entity, counts: EntityCounts) =>
    entityJson(entity, counts, openDeadlineOf(context, entity));
  const shown = async (entity: Entity) => view(entity, await store.entities.counts(entity.id));

  app.post('/v1/entities', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Create an entity',
      description:
        'Starts its lifecycle and opens the window for the request token, unless `caseOnly` or the interface to Concur is off. `interfaceOn` and `pollingOn` are those of the agency where they are absent. The same body again answers 200, another body 409.',
      security: SECURED,
      body: newEntitySchema,
      response: {
        200: answer('It was there already.', entityAnswerSchema),
        201: answer('Created.', entityAnswerSchema),
        ...problems(401, 403, 409, 422),
      },
    },
    handler: async ({ body }, reply) => {
      const { created, entity } = await store.entities.create(definitionOf(body), { now: clock.now() });
      const { pending, entity: started } = await startLifecycle(context, entity, body);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/entities/${entity.id}`)
        .send({ ...(await shown(started)), pending });
    },
  });

  app.get('/v1/entities', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.entities],
      summary: 'List entities',
      security: SECURED,
      querystring: entityQuery,
      response: { 200: answer('One page.', pageSchema(entitySchema)), ...problems(401, 403, 422) },
    },
    handler: async ({ query }, reply) => {
      const page = await store.entities.list({ ...pageQueryOf(query), ...defined({ stage: query.stage }) });
      const counts = await store.entities.countsOf(page.items.map((entity) => entity.id));
      return reply.send(pageJson(page, (entity) => view(entity, counts.get(entity.id) ?? NO_COUNTS)));
    },
  });

  app.get('/v1/entities/:id', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Show an entity',
      security: SECURED,
      params: entityParams,
      response: { 200: answer('The entity.', entitySchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) => reply.send(await shown(await store.entities.get(params.id))),
  });

  app.patch('/v1/entities/:id', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Change an entity',
      description:
        'JSON merge patch (RFC 7396). `strategy` (until the first migration is completed) and `preparation` (while no request token is expected) are handed to the lifecycle at once, changed `pollMinutes` to the loop that waits for its slot; what `interfaceOn` and `pollingOn` switch off stands still until it is switched on again. The company UUID can be changed until a request token was handed in.',
      security: SECURED,
      consumes: ['application/merge-patch+json', 'application/json'],
      params: entityParams,
      body: entityPatchSchema,
      response: { 200: answer('As it is now.', entityAnswerSchema), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const before = await store.entities.get(params.id);
      const after = await changeEntity(context, before, body);
      if (after.pending === undefined) return reply.send(await shown(after.entity));
      const { pending } = after;
      return reply.send({ ...(await shown(after.entity)), pending });
    },
  });
}

const NO_COUNTS = {
  travellers: 0,
  synced: 0,
  pending: 0,
  quarantined: 0,
  held: 0,
  inactive: 0,
  conflicts: 0,
};

/**
 * Only for an entity nobody has begun with, so that a POST that is sent again does nothing, but heals one
 * whose process died right after the insert.
 */
async function startLifecycle(
  { store, commands, clock, settings }: ApiContext,
  entity: Entity,
  { caseOnly: isAsked = false, preparation }: NewEntityJson,
): Promise<{ entity: Entity; pending: boolean }> {
  if (entity.stage !== 'requested' || entity.waitingFor !== undefined) return { entity, pending: false };
  // Without the interface to Concur no token would be taken.
  const caseOnly = isAsked || !entity.interfaceOn;
  const window = windowOf({ settings, clock }, undefined);
  const start = { request: { kind: 'start-lifecycle' as const } };
  const open = { request: { kind: 'open-window' as const, ...inMilliseconds(window) } };
  const state = caseOnly ? preparedState(entity, preparation) : openedState(entity.id, window, clock.now());
  try {
    const { pending } = await commands.sendAll(entity.id, caseOnly ? [start] : [start, open], () =>
      store.entities.setState(entity.id, state),
    );
    return { entity: await store.entities.get(entity.id), pending };
  } catch (error) {
    await restoreWindow({ store }, entity, window);
    throw error;
  }
}
