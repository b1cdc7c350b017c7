import { fastify, type FastifyBaseLogger, LogController } from 'fastify';
import { type ZodTypeProvider } from 'fastify-type-provider-zod';
import { pino } from 'pino';
import { registerAccessLog } from './access-log';
import { registerAuth } from './auth';
import { registerBodyParsers } from './body-parsers';
import { createCommands } from './commands';
import { type Api, type ApiContext, type ApiDeps } from './deps';
import { handleError, handleFrameworkError, handleUnknownRoute } from './errors';
import { registerOpenApi } from './openapi';
import { registerAgencies } from './routes/agencies';
import { registerApiKeys } from './routes/api-keys';
import { registerCalls } from './routes/calls';
import { registerCodec } from './routes/codec';
import { registerConnection } from './routes/connection';
import { registerDocs } from './routes/docs';
import { registerEntities } from './routes/entities';
import { registerEntityActions } from './routes/entity-actions';
import { registerKeys } from './routes/keys';
import { registerMigrationDecisions } from './routes/migration-decisions';
import { registerMigrations } from './routes/migrations';
import { registerPush } from './routes/push';
import { registerQuarantine } from './routes/quarantine';
import { registerReconciliations } from './routes/reconciliations';
import { registerRecords } from './routes/records';
import { registerService } from './routes/service';
import { registerTravellerWrites } from './routes/traveller-writes';
import { registerTravellers } from './routes/travellers';
import { validatorCompiler } from './validation';
import { packageVersion } from './version';
import { createWaker } from './waker';

const BODY_LIMIT = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
/** A client that keeps its connection must not hold up a shutdown for long. */
const KEEP_ALIVE_MS = 5_000;

/** The HTTP API, ready to be injected into or listened with. Close it before the store it works on. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const log: FastifyBaseLogger = typeof deps.log === 'string' ? pino({ level: deps.log }) : deps.log;
  const app: Api = fastify({
    loggerInstance: log,
    // Its request log has the URL; access-log.ts writes ours.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => deps.ids.next(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    frameworkErrors: handleFrameworkError,
  }).withTypeProvider<ZodTypeProvider>();

  const context = contextOf(deps, log);
  app.setValidatorCompiler(validatorCompiler);
  // Views build exactly what is shown; what is stored may differ from what a write would be let through.
  app.setSerializerCompiler(() => (data: unknown) => JSON.stringify(data));
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleUnknownRoute);
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    done();
  });
  app.addHook('onClose', () => context.waker.settled());
  registerAccessLog(app);
  registerBodyParsers(app);
  registerAuth(app, deps.store);
  await registerOpenApi(app, context);
  for (const register of ROUTES) register(app, context);
  await app.ready();
  return app;
}

const ROUTES: readonly ((app: Api, context: ApiContext) => void)[] = [
  registerAgencies,
  registerEntities,
  registerConnection,
  registerEntityActions,
  registerTravellers,
  registerTravellerWrites,
  registerMigrations,
  registerMigrationDecisions,
  registerReconciliations,
  registerQuarantine,
  registerRecords,
  registerCalls,
  registerApiKeys,
  registerKeys,
  registerPush,
  registerService,
  registerCodec,
  registerDocs,
];

function contextOf(deps: ApiDeps, log: FastifyBaseLogger): ApiContext {
  return {
    ...deps,
    log,
    commands: createCommands({ ...deps, log }),
    waker: createWaker(deps.engine, log),
    version: packageVersion(),
  };
}
