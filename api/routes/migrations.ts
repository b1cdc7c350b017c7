import { z } from 'zod';
import { type Entity } from '../../hub';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, migrationNumberSchema, pageSchema, travellerIdSchema } from '../schemas/common';
import {
  itemQuery,
  itemSchema,
  migrationSchema,
  newMigrationAnswer,
  newMigrationBody,
} from '../schemas/migration';
import { requireStage } from '../stage-rules';
import { migrationJson } from '../views/migration';
import { migrationItemJson } from '../views/migration-item';
import { MigrationUnknown } from '../../hub';
import { entityParams } from './entities';

export const migrationParams = z.object({ id: entityIdSchema, number: migrationNumberSchema });
const itemParams = z.object({ ...migrationParams.shape, travellerId: travellerIdSchema });

export function registerMigrations(app: Api, context: ApiContext): void {
  const { store } = context;

  app.post('/v1/entities/:id/migrations', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'Plan a migration',
      description: 'Plans only; nothing is written before it is approved. A second open migration: 409.',
      security: SECURED,
      params: entityParams,
      body: newMigrationBody,
      response: { 201: answer('Its number.', newMigrationAnswer), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const entity = await store.entities.get(params.id);
      requireStage(entity, 'start-migration');
      const started = await startMigration(context, entity, body.strategy);
      return reply
        .code(201)
        .header('location', `/v1/entities/${entity.id}/migrations/${started.number}`)
        .send(started);
    },
  });

  app.get('/v1/entities/:id/migrations', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'List migrations',
      security: SECURED,
      params: entityParams,
      response: { 200: answer('All of them.', pageSchema(migrationSchema)), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) => {
      await store.entities.get(params.id);
      const migrations = await store.migrations.list(params.id);
      const items = migrations.map(migrationJson).sort((one, other) => one.number - other.number);
      return reply.send({ items, nextCursor: null });
    },
  });

  app.get('/v1/entities/:id/migrations/:number', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'Show a migration: plan, progress, report',
      security: SECURED,
      params: migrationParams,
      response: { 200: answer('The migration.', migrationSchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) =>
      reply.send(migrationJson(await store.migrations.migration(params.id, params.number))),
  });

  app.get('/v1/entities/:id/migrations/:number/items', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'List what is planned, with the exact XML',
      security: SECURED,
      params: migrationParams,
      querystring: itemQuery,
      response: { 200: answer('One page.', pageSchema(itemSchema)), ...problems(401, 403, 404, 422) },
    },
    handler: async (request, reply) => {
      const { params, query } = request;
      await store.migrations.migration(params.id, params.number);
      const filters = defined({ outcome: query.outcome, action: query.action });
      const page = await store.migrations.listItems(params.id, params.number, {
        ...pageQueryOf(query),
        ...filters,
      });
      const showSensitive = hasScope(request, 'sensitive');
      return reply.send(pageJson(page, (item) => migrationItemJson(item, showSensitive)));
    },
  });

  app.get('/v1/entities/:id/migrations/:number/items/:travellerId', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'Show what is planned for one traveller',
      security: SECURED,
      params: itemParams,
      response: { 200: answer('The item.', itemSchema), ...problems(401, 403, 404) },
    },
    handler: async (request, reply) => {
      const { id, number, travellerId } = request.params;
      await store.migrations.migration(id, number);
      const item = await store.migrations.item(id, number, travellerId);
      if (item === undefined) throw new MigrationUnknown(id, number, travellerId);
      return reply.send(migrationItemJson(item, hasScope(request, 'sensitive')));
    },
  });
}

/** @throws MigrationOpen; Problem 409 when the lifecycle refuses, and then nothing stays open */
async function startMigration(
  { store, commands, clock }: ApiContext,
  entity: Entity,
  strategy: NonNullable<Entity['strategy']>,
): Promise<z.infer<typeof newMigrationAnswer>> {
  const { number } = await store.migrations.create(entity.id, strategy, { now: clock.now() });
  try {
    return { number, ...(await commands.send(entity.id, { kind: 'start-migration', number })) };
  } catch (error) {
    const reason = error instanceof Problem ? error.message : 'It could not be handed to its workflow.';
    await store.migrations.updateMigration(entity.id, number, {
      state: 'failed',
      error: reason,
      completedAt: clock.now(),
    });
    throw error;
  }
}
