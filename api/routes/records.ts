import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema, pageSchema } from '../schemas/common';
import { noBody } from '../schemas/entity';
import {
  conflictQuery,
  conflictSchema,
  eventQuery,
  eventSchema,
  requestSchema,
  rowParams,
} from '../schemas/records';
import { etagOf, preconditionsOf } from '../writes/preconditions';
import { restoreConflict } from '../writes/restore-conflict';
import { conflictJson, eventJson, openedConflictJson, requestJson } from '../views/records';

/** What happened: conflicts, events, and commands under way. */
export function registerRecords(app: Api, context: ApiContext): void {
  const { store } = context;
  app.get('/v1/conflicts', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'List conflicts',
      description: 'Where both sides had changed the same. Values only with the scope `sensitive`.',
      security: SECURED,
      querystring: conflictQuery,
      response: { 200: answer('One page.', pageSchema(conflictSchema)), ...problems(401, 403, 422) },
    },
    handler: async (request, reply) => {
      const { entity: entityId, traveller: travellerId } = request.query;
      const query = { ...pageQueryOf(request.query), ...defined({ entityId, travellerId }) };
      if (hasScope(request, 'sensitive')) {
        return reply.send(pageJson(await store.conflicts.listOpened(query), openedConflictJson));
      }
      return reply.send(pageJson(await store.conflicts.list(query), conflictJson));
    },
  });

  app.post('/v1/conflicts/:id/restore', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.trouble],
      summary: 'Put back the value that lost a conflict',
      description:
        'As an edit of the hub, which is published as any other. Again: no effect. Where the element has changed since, 409 `conflict-moved`; with `If-Match` of the traveller’s present version it is put back all the same.',
      security: SECURED,
      params: rowParams,
      body: noBody,
      response: { 202: answer('Put back.', acceptedSchema), ...problems(401, 403, 404, 409, 412) },
    },
    handler: async (request, reply) => {
      const version = await restoreConflict(context, request.params.id, preconditionsOf(request));
      const nothingToHear = { requestId: null, pending: false };
      return reply.code(202).header('etag', etagOf(version)).send(nothingToHear);
    },
  });

  app.get('/v1/events', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'List events: reminders, expiry warnings, stage changes',
      security: SECURED,
      querystring: eventQuery,
      response: { 200: answer('One page.', pageSchema(eventSchema)), ...problems(401, 403, 422) },
    },
    handler: async ({ query }, reply) => {
      const filters = defined({ entityId: query.entity, kind: query.kind });
      return reply.send(pageJson(await store.events.list({ ...pageQueryOf(query), ...filters }), eventJson));
    },
  });

  app.get('/v1/requests/:id', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'Show whether a command has reached its workflow',
      description: '`refused`: the workflow had it and did not carry it out; an event says the same.',
      security: SECURED,
      params: rowParams,
      response: { 200: answer('The command.', requestSchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) => {
      const request = await store.requests.get(params.id);
      if (request === undefined) {
        throw new Problem(
          404,
          'request-unknown',
          `There is no request ${params.id}; delivered ones are forgotten.`,
        );
      }
      return reply.send(requestJson(request));
    },
  });
}
