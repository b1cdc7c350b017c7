import { z } from 'zod';
import { type Entity, type EntityCounts, type EntityStateChange, type Preparation } from '../../hub';
import { preparationWords } from '../../sync/model/request-token-words';
import { nextPollSlot } from '../../sync/model/poll-slots';
import { type Accepted } from '../commands';
import { type Api, type ApiContext } from '../deps';
import { defined, pageJson, pageQueryOf } from '../paging';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { entityIdSchema, pageSchema } from '../schemas/common';
import {
  entityAnswerSchema,
  entityPatchSchema,
  type EntityPatchJson,
  entityQuery,
  entitySchema,
  type NewEntityJson,
  newEntitySchema,
} from '../schemas/entity';
import { allowsStage, requireStage } from '../stage-rules';
import { inMilliseconds, openDeadlineOf, openedState, restoreWindow, windowOf } from '../token-window';
import { entityJson } from '../views/entity';
import { definitionOf, patchOf } from '../writes/entity-definition';

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
        'Starts its lifecycle and opens the window for the request token, unless `caseOnly`. The same body again answers 200, another body 409.',
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
        'JSON merge patch (RFC 7396). `strategy` (until the first migration is completed) and `preparation` (while no request token is expected) are handed to the lifecycle at once, changed `pollMinutes` to the loop that waits for its slot. The company UUID can be changed until a request token was handed in.',
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
      const names = changedSettings(before, body);
      for (const name of names) requireStage(before, SETTINGS[name]);
      const after = await store.entities.patch(params.id, patchOf(before, body));
      const told = [
        await tellSettings(context, before, body, names),
        await tellRhythm(context, before, after),
      ].filter((accepted) => accepted !== undefined);
      if (told.length === 0) return reply.send(await shown(after));
      const pending = told.some((accepted) => accepted.pending);
      return reply.send({ ...(await shown(await store.entities.get(params.id))), pending });
    },
  });
}

/** What the lifecycle goes by, and when it may be changed. */
const SETTINGS = { strategy: 'change-strategy', preparation: 'note-preparation' } as const;
const SETTING_NAMES = ['strategy', 'preparation'] as const;
type SettingName = (typeof SETTING_NAMES)[number];

function changedSettings(before: Entity, body: EntityPatchJson): SettingName[] {
  return SETTING_NAMES.filter(
    (name) => body[name] !== undefined && (body[name] ?? undefined) !== before[name],
  );
}

/** The lifecycle hears of its settings at once; what it refuses is put back. */
async function tellSettings(
  { store, commands }: ApiContext,
  before: Entity,
  { preparation }: EntityPatchJson,
  names: readonly SettingName[],
): Promise<Accepted | undefined> {
  if (names.length === 0) return undefined;
  const { id } = before;
  const notes = names.includes('preparation');
  try {
    return await commands.sendAll(id, [{ request: { kind: 'change-settings', names: [...names] } }], () =>
      store.entities.setState(id, notes ? preparedState(before, preparation) : {}),
    );
  } catch (error) {
    if (names.includes('strategy')) await store.entities.patch(id, { strategy: before.strategy ?? null });
    if (notes) {
      const { preparation: noted, waitingFor } = before;
      await store.entities.setState(id, { preparation: noted ?? null, waitingFor: waitingFor ?? null });
    }
    throw error;
  }
}

/** What is shown until the workflow shows the same. */
function preparedState(
  { id, stage }: Entity,
  preparation: Preparation | null | undefined,
): EntityStateChange {
  const noted = preparation ?? undefined;
  const isSaid = stage === 'requested' || noted !== undefined;
  return {
    preparation: noted ?? null,
    ...(isSaid ? { waitingFor: preparationWords(id, noted) } : {}),
  };
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
  { caseOnly = false, preparation }: NewEntityJson,
): Promise<{ entity: Entity; pending: boolean }> {
  if (entity.stage !== 'requested' || entity.waitingFor !== undefined) return { entity, pending: false };
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
