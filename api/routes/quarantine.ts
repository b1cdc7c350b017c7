import { type QuarantineRecord } from '../../hub';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema, type AcceptedJson, pageSchema } from '../schemas/common';
import { noBody } from '../schemas/entity';
import {
  quarantineDetailSchema,
  quarantineQuery,
  quarantineSchema,
  retryAllAnswer,
  retryAllBody,
  rowParams,
} from '../schemas/records';
import { isReady } from '../stage-rules';
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

  app.post('/v1/quarantine/retry', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'Try all open records of an entity with one code again',
      description: 'As with a single one. Dismissed records stay dismissed.',
      security: SECURED,
      body: retryAllBody,
      response: { 202: answer('Freed.', retryAllAnswer), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ body: { entity: entityId, code } }, reply) => {
      const { retried, woke } = await store.quarantine.retryAll({ entityId, code }, { now: clock.now() });
      if (woke) waker.wake(entityId);
      const hurried = await hurryAll(context, entityId, retried);
      return reply.code(202).send({ ...hurried, retried: retried.publish + retried.pull });
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

/** A loop that runs is told; one that does not finds what is freed when it starts. */
async function hurry(
  { store, commands }: ApiContext,
  { entityId, direction }: Pick<QuarantineRecord, 'entityId' | 'direction'>,
): Promise<AcceptedJson> {
  const kind = direction === 'publish' ? 'publish' : 'poll';
  const runs = isReady(await store.entities.get(entityId), kind);
  return runs ? commands.send(entityId, { kind }) : { requestId: null, pending: true };
}

async function hurryAll(
  context: ApiContext,
  entityId: string,
  retried: Readonly<Record<QuarantineRecord['direction'], number>>,
): Promise<AcceptedJson> {
  let told: AcceptedJson = { requestId: null, pending: false };
  for (const direction of ['pull', 'publish'] as const)
    if (retried[direction] > 0) told = await hurry(context, { entityId, direction });
  return told;
}

function closed(id: string): Problem {
  return new Problem(
    409,
    'quarantine-closed',
    `Quarantined record ${id} is closed: its cause is gone, or another record has taken its place.`,
  );
}
