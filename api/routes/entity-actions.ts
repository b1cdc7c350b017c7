import { type WorkflowRequest } from '../../client/requests';
import { requireScope } from '../auth';
import { type Accepted } from '../commands';
import { type Api, type ApiContext } from '../deps';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema } from '../schemas/common';
import { noBody, offboardBody, pollBody } from '../schemas/entity';
import { requireStage, type StageRule } from '../stage-rules';
import { entityParams } from './entities';

const RESPONSE = {
  202: answer('Accepted; `pending` says whether its workflow has yet to hear of it.', acceptedSchema),
  ...problems(401, 403, 404, 409, 422),
};

/** Commands to an entity's workflows. */
export function registerEntityActions(app: Api, context: ApiContext): void {
  const act = async (entityId: string, rule: StageRule, request: WorkflowRequest): Promise<Accepted> => {
    requireStage(await context.store.entities.get(entityId), rule);
    return context.commands.send(entityId, request);
  };

  for (const action of ['pause', 'resume', 'publish'] as const) {
    app.post(`/v1/entities/:id/${action}`, {
      config: { access: 'write' },
      schema: {
        tags: [action === 'publish' ? TAGS.sync : TAGS.entities],
        summary: SUMMARIES[action],
        security: SECURED,
        params: entityParams,
        body: noBody,
        response: RESPONSE,
      },
      handler: async ({ params }, reply) =>
        reply.code(202).send(await act(params.id, action, { kind: action })),
    });
  }

  app.post('/v1/entities/:id/poll', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.sync],
      summary: 'Poll Concur now',
      description:
        'With `since` everything that changed after that instant is read again. The outcome is `lastPoll` of the entity.',
      security: SECURED,
      params: entityParams,
      body: pollBody,
      response: RESPONSE,
    },
    handler: async ({ params, body }, reply) => {
      const since = body?.since === undefined ? {} : { since: new Date(body.since).toISOString() };
      return reply.code(202).send(await act(params.id, 'poll', { kind: 'poll', ...since }));
    },
  });

  app.post('/v1/entities/:id/offboard', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Offboard an entity',
      description:
        'Ends the synchronisation and the connection. With `erase` (scope `admin`) all personal data is removed and the entity’s data key destroyed.',
      security: SECURED,
      params: entityParams,
      body: offboardBody,
      response: RESPONSE,
    },
    handler: async (request, reply) => {
      const erase = request.body?.erase === true;
      if (erase) requireScope(request, 'admin');
      return reply.code(202).send(await act(request.params.id, 'offboard', { kind: 'offboard', erase }));
    },
  });
}

const SUMMARIES = {
  pause: 'Pause an entity',
  resume: 'Resume a paused entity',
  publish: 'Publish what is pending now',
} as const;
