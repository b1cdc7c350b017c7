import { z } from 'zod';
import { type Entity } from '../../hub';
import { nextPollSlot } from '../../sync/model/poll-slots';
import { type Accepted } from '../commands';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, pageSchema } from '../schemas/common';
import {
  entityAnswerSchema,
  entityPatchSchema,
  entityQuery,
  entitySchema,
  newEntitySchema,
} from '../schemas/entity';
import { allowsStage, requireStage } from '../stage-rules';
import { openedState, restoreWindow, windowOf } from '../token-window';
import { entityJson } from '../views/entity';
import { definitionOf, patchOf } from '../writes/entity-definition';

export const entityParams = z.object({ id: entityIdSchema });

export function registerEntities(app: Api, context: ApiContext): void {
  const { store, clock } = context;
  const shown = async (entity: Entity) => entityJson(entity, await store.entities.counts(entity.id));

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
      const { pending, entity: started } = await startLifecycle(
        context,
        entity,
        body.caseOnly === true || !entity.interfaceOn,
      );
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
      return reply.send(pageJson(page, (entity) => entityJson(entity, counts.get(entity.id) ?? NO_COUNTS)));
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
        'JSON merge patch (RFC 7396). A strategy that is set while the stage is `migrating` is handed to the lifecycle at once, changed `pollMinutes` to the loop that waits for its slot; what `interfaceOn` and `pollingOn` switch off stands still until it is switched on again. The company UUID can be changed until a request token was handed in.',
      security: SECURED,
      consumes: ['application/merge-patch+json', 'application/json'],
      params: entityParams,
      body: entityPatchSchema,
      response: { 200: answer('As it is now.', entityAnswerSchema), ...problems(401, 403, 404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const before = await store.entities.get(params.id);
      requireStage(before, 'change-entity');
      if (body.companyUuid !== undefined && body.companyUuid !== before.companyUuid) {
        requireStage(before, 'change-company');
      }
      if (body.interfaceOn === false && before.interfaceOn) requireStage(before, 'switch-off');
      const after = await store.entities.patch(params.id, patchOf(before, body));
      await freeReadOnly(context, before, after);
      const strategy = await tellStrategy(context, before, after);
      const switches = await tellSwitches(context, before, after);
      const told = strategy ?? (await tellRhythm(context, before, after)) ?? switches;
      if (told === undefined) return reply.send(await shown(after));
      const { pending } = told;
      return reply.send({ ...(await shown(await store.entities.get(params.id))), pending });
    },
  });
}

/** A lifecycle that waits for a strategy hears of it at once. */
async function tellStrategy(
  { store, commands }: ApiContext,
  before: Entity,
  { id, stage, strategy }: Entity,
): Promise<Accepted | undefined> {
  if (strategy === undefined || strategy === before.strategy || stage !== 'migrating') return undefined;
  try {
    return await commands.send(id, { kind: 'set-strategy', strategy });
  } catch (error) {
    await store.entities.patch(id, { strategy: before.strategy ?? null });
    throw error;
  }
}

/** The poll loop counts its wait anew; the next poll is shown as it will be. */
async function tellRhythm(
  { store, commands, settings, clock }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<Accepted | undefined> {
  const changed = String(after.pollMinutes) !== String(before.pollMinutes);
  if (!changed || !allowsStage(after, 'change-rhythm')) return undefined;
  const slot = nextPollSlot(clock.now().getTime(), after.pollMinutes ?? settings.POLL_MINUTES);
  return commands.sendAll(after.id, [{ request: { kind: 'change-poll-minutes' } }], async () => {
    if (after.nextPollAt !== undefined)
      await store.entities.setState(after.id, { nextPollAt: new Date(slot) });
  });
}

/** Changes that v1 could not take are published once the entity is on v2 (docs/concur.md §5). */
async function freeReadOnly(
  { store, clock, waker }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<void> {
  if (before.apiVersion !== 1 || after.apiVersion !== 2) return;
  const query = { entityId: after.id, code: 'ReadOnlyVersion' };
  const { woke } = await store.quarantine.retryAll(query, { now: clock.now() });
  if (woke) waker.wake(after.id);
}

/** The loops of an active entity are started, resumed or paused; those of another read SQL when they start. */
async function tellSwitches(
  { commands }: ApiContext,
  before: Entity,
  after: Entity,
): Promise<Accepted | undefined> {
  const { interfaceOn, pollingOn, stage } = after;
  if (interfaceOn === before.interfaceOn && pollingOn === before.pollingOn) return undefined;
  return stage === 'active' ? commands.send(after.id, { kind: 'change-switches' }) : undefined;
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
  caseOnly: boolean,
): Promise<{ entity: Entity; pending: boolean }> {
  if (entity.stage !== 'requested' || entity.waitingFor !== undefined) return { entity, pending: false };
  const window = windowOf({ settings, clock }, undefined);
  const start = { request: { kind: 'start-lifecycle' as const } };
  const open = {
    request: {
      kind: 'open-window' as const,
      issuedAt: window.issuedAt.getTime(),
      expiresAt: window.expiresAt.getTime(),
    },
  };
  const state = caseOnly ? { waitingFor: CASE_WORDS } : openedState(window);
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

const CASE_WORDS =
  'Concur: the case is open; once it is approved, open the window and hand in the request token.';
