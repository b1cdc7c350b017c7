import { z } from 'zod';
import { type Api, type ApiContext } from '../deps';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { noBody } from '../schemas/entity';

/** Entities of one transaction. */
const BATCH = 100;
/** Well within the time that a client waits; what is left is done by the next request. */
const MOST_ROTATED = 2_000;

const rotationSchema = z
  .object({
    rotated: z.int().meta({ description: 'Data keys that this request wrapped anew.' }),
    remaining: z.int().meta({ description: 'Data keys under another key; more than 0: ask again.' }),
    activeKeyId: z.string().meta({ description: 'The first key of the ring.' }),
    unreadable: z.array(z.string()).meta({
      description: 'Entities whose data key does not open: the key that wraps it is not in the ring.',
    }),
  })
  .meta({ id: 'KeyRotation' });

export function registerKeys(app: Api, { store, log }: ApiContext): void {
  app.post('/v1/keys/rotate', {
    config: { access: 'admin' },
    schema: {
      tags: [TAGS.keys],
      summary: 'Wrap the data keys of all entities with the first key of the ring',
      description:
        'Up to 2,000 entities per request; ask again until `remaining` is 0. Nothing that is sealed is written anew: data keys stay as they are.',
      security: SECURED,
      body: noBody,
      response: { 200: answer('How far it came.', rotationSchema), ...problems(401, 403) },
    },
    handler: async (_request, reply) => {
      const unreadable: string[] = [];
      let rotated = 0;
      let batch = await store.entities.rewrapKeys({ limit: BATCH });
      for (;;) {
        rotated += batch.rewrapped;
        unreadable.push(...batch.unreadable);
        if (batch.next === undefined || rotated >= MOST_ROTATED) break;
        batch = await store.entities.rewrapKeys({ limit: BATCH, after: batch.next });
      }
      const { remaining, activeKeyId } = batch;
      log.info({ rotated, remaining, activeKeyId, unreadable: unreadable.length }, 'data keys wrapped anew');
      return reply.send({ rotated, remaining, activeKeyId, unreadable });
    },
  });
}
