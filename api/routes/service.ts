import { type Api, type ApiContext } from '../deps';
import { createEngineHealth } from '../engine-health';
import { createFleetStatus } from '../fleet-status';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { liveSchema, readySchema, statusSchema } from '../schemas/service';

export function registerService(app: Api, { store, engine, clock, log, version }: ApiContext): void {
  const engineHealth = createEngineHealth(engine, clock, log);
  const fleetStatus = createFleetStatus(store);

  app.get('/v1/status', {
    config: { access: 'read' },
    schema: {
      tags: [TAGS.operations],
      summary: 'Show how the whole fleet stands',
      security: SECURED,
      response: { 200: answer('Totals.', statusSchema), ...problems(401, 403) },
    },
    handler: async (_request, reply) => {
      const [fleet, health] = await Promise.all([fleetStatus(), engineHealth()]);
      return reply.send({ version, ...health, ...fleet });
    },
  });

  app.get('/health/live', {
    config: { access: 'public' },
    schema: {
      tags: [TAGS.service],
      summary: 'The process answers',
      response: { 200: answer('It lives.', liveSchema) },
    },
    handler: () => Promise.resolve({ status: 'live' as const, version }),
  });

  app.get('/health/ready', {
    config: { access: 'public' },
    schema: {
      tags: [TAGS.service],
      summary: 'The API can serve',
      description:
        'Ready = the store is open. Temporal and the worker are reported and do not count: writes go on without them.',
      response: { 200: answer('Ready.', readySchema), ...problems(503) },
    },
    handler: async (_request, reply) => {
      const [isOpen, health] = await Promise.all([store.ping(), engineHealth()]);
      if (!isOpen) {
        throw new Problem(503, 'not-ready', 'The database does not answer.', { store: false, ...health });
      }
      return reply.send({ status: 'ready', store: true, ...health, version });
    },
  });
}
