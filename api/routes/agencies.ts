import { z } from 'zod';
import { type Agency } from '../../hub';
import { type Api, type ApiContext } from '../deps';
import { defined } from '../paging';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { line } from '../schemas/common';
import { switchFields } from '../schemas/entity';
import { AGENCY } from '../writes/entity-definition';

const agencySchema = z
  .object({ id: z.string(), name: z.string(), ...switchFields })
  .meta({ id: 'Agency', description: 'What new entities begin with.' });

const agencyPatchSchema = z
  .strictObject({ name: line(200), ...switchFields })
  .partial()
  .meta({ id: 'AgencyPatch', examples: [{ interfaceOn: true, pollingOn: true }] });

const params = z.object({ id: z.string().min(1).max(64) });

/** The level above the entities, on which the interface to Concur is switched on first (docs/concur.md §8). */
export function registerAgencies(app: Api, { store, clock }: ApiContext): void {
  /** There from the start, though no entity has needed it yet. */
  const known = async (id: string): Promise<void> => {
    if (id === AGENCY) await store.agencies.ensure({ id, name: id }, { now: clock.now() });
  };

  app.get('/v1/agencies/:id', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Show the agency',
      description: `This release has one, \`${AGENCY}\`.`,
      security: SECURED,
      params,
      response: { 200: answer('The agency.', agencySchema), ...problems(401, 403, 404) },
    },
    handler: async ({ params: { id } }, reply) => {
      await known(id);
      return reply.send(agencyJson(await store.agencies.patch(id, {})));
    },
  });

  app.patch('/v1/agencies/:id', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.entities],
      summary: 'Change the agency',
      description:
        'What is switched here counts for entities that are created from now on; those that exist keep their own.',
      security: SECURED,
      consumes: ['application/merge-patch+json', 'application/json'],
      params,
      body: agencyPatchSchema,
      response: { 200: answer('As it is now.', agencySchema), ...problems(401, 403, 404, 422) },
    },
    handler: async ({ params: { id }, body }, reply) => {
      await known(id);
      return reply.send(agencyJson(await store.agencies.patch(id, defined(body))));
    },
  });
}

function agencyJson({ id, name, interfaceOn, pollingOn }: Agency): z.infer<typeof agencySchema> {
  return { id, name, interfaceOn, pollingOn };
}
