import { z } from 'zod';
import { type Api, type ApiContext } from '../deps';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema, shownInstant } from '../schemas/common';
import { deadlineSchema, requestTokenBody, windowBody } from '../schemas/entity';
import { requireStage } from '../stage-rules';
import {
  deadlineOf,
  inMilliseconds,
  isOver,
  openedState,
  restoreWindow,
  tokenExpired,
  windowOf,
} from '../token-window';
import { handInToken } from '../writes/request-token';
import { entityParams } from './entities';

const windowAnswer = z.object({
  ...acceptedSchema.shape,
  requestTokenExpiresAt: shownInstant,
  requestTokenDeadline: deadlineSchema,
});

/** Concur's request token: its window, and handing it in (docs/concur.md §1). */
export function registerConnection(app: Api, context: ApiContext): void {
  const { store, commands, clock } = context;

  app.post('/v1/entities/:id/request-token/window', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.connection],
      summary: 'Open the window for the request token (again)',
      description: 'Starts the clock at `issuedAt`, or now. Reminders come before its end.',
      security: SECURED,
      params: entityParams,
      body: windowBody,
      response: { 202: answer('Accepted.', windowAnswer), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const entity = await store.entities.get(params.id);
      requireStage(entity, 'open-window');
      const window = windowOf(context, body?.issuedAt);
      if (isOver(window, clock.now())) throw tokenExpired(window);
      const request = { kind: 'open-window' as const, ...inMilliseconds(window) };
      try {
        const accepted = await commands.sendAll(entity.id, [{ request }], () =>
          store.entities.setState(entity.id, openedState(entity.id, window, clock.now())),
        );
        return reply.code(202).send({
          ...accepted,
          requestTokenExpiresAt: window.expiresAt.toISOString(),
          requestTokenDeadline: deadlineOf(window, clock.now()),
        });
      } catch (error) {
        await restoreWindow(context, entity, window);
        throw error;
      }
    },
  });

  app.post('/v1/entities/:id/request-token', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.connection],
      summary: 'Hand in the request token',
      description:
        'The token is sealed in the vault before this answers and is exchanged by the lifecycle. The same token again answers 202 and has no effect, also when it was used up or refused by Concur: the entity’s `waitingFor` says what is next. Too late: 409 `request-token-expired`; nothing is kept and the stage is `requested` again.',
      security: SECURED,
      params: entityParams,
      body: requestTokenBody,
      response: { 202: answer('Vaulted.', acceptedSchema), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const token = body.requestToken.trim();
      const given = body.issuedAt === undefined ? { token } : { token, issuedAt: body.issuedAt };
      return reply.code(202).send(await handInToken(context, params.id, given));
    },
  });
}
