import { type CallContent, type CallSummary, isKeyMissing } from '../../hub';
import { hasScope } from '../auth';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { callQuery, callSchema, supportCaseSchema } from '../schemas/calls';
import { pageSchema } from '../schemas/common';
import { rowParams } from '../schemas/records';
import { callJson, supportCaseJson } from '../views/support-case';

/** The journal of calls to Concur, and the support case that is made from one of them (docs/concur.md §2). */
export function registerCalls(app: Api, { store, application }: ApiContext): void {
  const callOf = async (id: string): Promise<CallSummary> => {
    const call = await store.calls.find(id);
    if (call !== undefined) return call;
    throw new Problem(404, 'call-unknown', `There is no call ${id}; calls are kept for CALL_JOURNAL_DAYS.`);
  };

  app.get('/v1/calls', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'List calls to Concur',
      description: 'Without headers, bodies and users: see the support case of a call.',
      security: SECURED,
      querystring: callQuery,
      response: { 200: answer('One page.', pageSchema(callSchema)), ...problems(401, 403, 422) },
    },
    handler: async ({ query }, reply) => {
      const { entity: entityId, correlationId, since, until } = query;
      const page = await store.calls.list({
        ...pageQueryOf(query),
        ...defined({
          entityId,
          correlationId,
          function: query.function,
          since: since === undefined ? undefined : new Date(since),
          until: until === undefined ? undefined : new Date(until),
        }),
        failed: query.failed === 'true',
        newestFirst: query.order === 'desc',
      });
      return reply.send(pageJson(page, callJson));
    },
  });

  app.get('/v1/calls/:id', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'Show a call to Concur',
      security: SECURED,
      params: rowParams,
      response: { 200: answer('The call.', callSchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params }, reply) => reply.send(callJson(await callOf(params.id))),
  });

  app.get('/v1/calls/:id/support-case', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'Show what SAP’s support asks for about a call',
      description:
        'Tokens, secrets, passwords and card numbers are never part of it. User, headers and bodies hold personal data: only with the scope `sensitive`.',
      security: SECURED,
      params: rowParams,
      response: { 200: answer('The case.', supportCaseSchema), ...problems(401, 403, 404) },
    },
    handler: async (request, reply) => {
      const call = await callOf(request.params.id);
      const entity = await store.entities.get(call.entityId);
      const content = hasScope(request, 'sensitive') ? await contentOf(call.id) : 'masked';
      return reply.send(supportCaseJson(call, entity, application ?? {}, content));
    },
  });

  /** The key that sealed it may be shredded, or not in the ring: the rest of the case is shown all the same. */
  async function contentOf(id: string): Promise<CallContent | undefined> {
    try {
      return (await store.calls.get(id))?.content;
    } catch (error) {
      if (isKeyMissing(error)) return undefined;
      throw error;
    }
  }
}
