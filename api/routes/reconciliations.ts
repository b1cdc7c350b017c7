import { z } from 'zod';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, migrationNumberSchema, pageSchema } from '../schemas/common';
import {
  reconcileAnswer,
  reconcileBody,
  reconciliationItemQuery,
  reconciliationItemSchema,
  reconciliationSchema,
  reconciliationsQuery,
} from '../schemas/reconciliation';
import { requireStage } from '../stage-rules';
import { reconciliationItemJson, reconciliationJson } from '../views/reconciliation';
import { entityParams } from './entities';

const reconciliationParams = z.object({ id: entityIdSchema, number: migrationNumberSchema });

/** Comparisons of an entity with Concur: asked for, and what they found. */
export function registerReconciliations(app: Api, context: ApiContext): void {
  const { store } = context;

  app.post('/v1/entities/:id/reconcile', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.sync],
      summary: 'Compare all travellers with Concur now',
      description:
        'Reads every profile and Concur’s whole list. Only in an active entity with both directions switched on; a second one under way: 409 `reconciliation-open`. Nothing is written unless `repair` is set.',
      security: SECURED,
      params: entityParams,
      body: reconcileBody,
      response: {
        202: answer('Accepted; `number` names its report.', reconcileAnswer),
        ...problems(401, 403, 404, 409, 422),
      },
    },
    handler: async ({ params, body }, reply) => {
      requireStage(await store.entities.get(params.id), 'reconcile');
      const begun = await begin(context, params.id, body?.repair === true);
      return reply
        .code(202)
        .header('location', `/v1/entities/${params.id}/reconciliations/${begun.number}`)
        .send(begun);
    },
  });

  app.get('/v1/entities/:id/reconciliations', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.sync],
      summary: 'List reconciliations',
      description: 'In the order of their numbers. Old ones are forgotten after RECONCILIATION_DAYS.',
      security: SECURED,
      params: entityParams,
      querystring: reconciliationsQuery,
      response: {
        200: answer('One page.', pageSchema(reconciliationSchema)),
        ...problems(401, 403, 404, 422),
      },
    },
    handler: async ({ params, query }, reply) => {
      await store.entities.get(params.id);
      const after = defined({ after: query.cursor });
      const page = await store.reconciliations.list(params.id, { ...after, limit: query.limit });
      return reply.send(pageJson(page, reconciliationJson));
    },
  });

  app.get('/v1/entities/:id/reconciliations/:number', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.sync],
      summary: 'Show a reconciliation: progress and counts',
      security: SECURED,
      params: reconciliationParams,
      response: { 200: answer('The reconciliation.', reconciliationSchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) =>
      reply.send(reconciliationJson(await store.reconciliations.reconciliation(params.id, params.number))),
  });

  app.get('/v1/entities/:id/reconciliations/:number/items', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.sync],
      summary: 'List what a reconciliation found',
      description: 'Travellers that are equal have no item; they are counted.',
      security: SECURED,
      params: reconciliationParams,
      querystring: reconciliationItemQuery,
      response: {
        200: answer('One page.', pageSchema(reconciliationItemSchema)),
        ...problems(401, 403, 404, 422),
      },
    },
    handler: async (request, reply) => {
      const { id, number } = request.params;
      await store.reconciliations.reconciliation(id, number);
      const page = await store.reconciliations.items(id, number, {
        ...pageQueryOf(request.query),
        ...defined({ outcome: request.query.outcome }),
        withLogins: hasScope(request, 'sensitive'),
      });
      return reply.send(pageJson(page, reconciliationItemJson));
    },
  });
}

/** @throws ReconciliationOpen; Problem 409 where it is refused, and then nothing stays open */
async function begin(
  { store, commands, clock }: ApiContext,
  entityId: string,
  repair: boolean,
): Promise<z.infer<typeof reconcileAnswer>> {
  const wanted = { origin: 'request', repair } as const;
  const { number } = await store.reconciliations.create(entityId, wanted, { now: clock.now() });
  try {
    return { ...(await commands.send(entityId, { kind: 'start-reconciliation', number })), number };
  } catch (failure) {
    const error = failure instanceof Problem ? failure.message : 'It could not be handed to its workflow.';
    await store.reconciliations.end(entityId, number, { state: 'failed', error }, { now: clock.now() });
    throw failure;
  }
}
