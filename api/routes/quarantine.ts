import { type QuarantineRecord } from '../../hub';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema, type AcceptedJson, pageSchema } from '../schemas/common';
import { noBody } from '../schemas/entity';
import { quarantineDetailSchema, quarantineQuery, quarantineSchema, rowParams } from '../schemas/records';
import { quarantineJson } from '../views/records';

/** Records that could not be synchronised, each with its reason in words. */
export function registerQuarantine(app: Api, context: ApiContext): void {
  const { store, clock, waker } = context;

  app.get('/v1/quarantine', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'List quarantined records',
      security: SECURED,
      querystring: quarantineQuery,
      response: { 200: answer('One page.', pageSchema(quarantineSchema)), ...problems(401, 403, 422) },
    },
    handler: async ({ query }, reply) => {
      const { entity: entityId, traveller: travellerId, direction, closed } = query;
      const page = await store.quarantine.list({
        ...pageQueryOf(query),
        ...defined({ entityId, travellerId, direction }),
        includeClosed: closed === 'true',
      });
      return reply.send(pageJson(page, quarantineJson));
    },
  });

  app.get('/v1/quarantine/:id', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'Show a quarantined record',
      security: SECURED,
      params: rowParams,
      response: { 200: answer('The record.', quarantineDetailSchema), ...problems(401, 403, 404) },
    },
    handler: async (request, reply) => {
      const record = await store.quarantine.get(request.params.id);
      const message = hasScope(request, 'sensitive') ? await store.quarantine.message(record.id) : undefined;
      return reply.send({ ...quarantineJson(record), message: message ?? null });
    },
  });

  app.post('/v1/quarantine/:id/retry', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'Try a quarantined record again',
      description:
        'In an active entity it is published or read at once; in another stage it is freed and waits (`requestId` null). A dismissed record may be retried too.',
      security: SECURED,
      params: rowParams,
      body: noBody,
      response: { 202: answer('Freed.', acceptedSchema), ...problems(401, 403, 404, 409) },
    },
    handler: async ({ params }, reply) => {
      const { record, woke } = await store.quarantine.retry(params.id, { now: clock.now() });
      if (record.resolvedAt !== undefined) throw closed(params.id);
      if (woke) waker.wake(record.entityId);
      return reply.code(202).send(await hurry(context, record));
    },
  });

  app.post('/v1/quarantine/:id/dismiss', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'Close a quarantined record',
      description:
        'It is no longer shown; its traveller is held until it changes or the record is retried all the same.',
      security: SECURED,
      params: rowParams,
      body: noBody,
      response: { 202: answer('Closed.', acceptedSchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) => {
      await store.quarantine.dismiss(params.id, { now: clock.now() });
      return reply.code(202).send({ requestId: null, pending: false });
    },
  });
}

/** The loops of an active entity are told; those of others start with what is freed anyway. */
async function hurry({ store, commands }: ApiContext, record: QuarantineRecord): Promise<AcceptedJson> {
  const entity = await store.entities.get(record.entityId);
  if (entity.stage !== 'active') return { requestId: null, pending: true };
  return commands.send(entity.id, { kind: record.direction === 'publish' ? 'publish' : 'poll' });
}

function closed(id: string): Problem {
  return new Problem(
    409,
    'quarantine-closed',
    `Quarantined record ${id} is closed: its cause is gone, or another record has taken its place.`,
  );
}
