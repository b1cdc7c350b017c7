import { type Api } from './deps';

/** One line per request: the route's template, never the URL, because URLs and queries hold ids and cursors. */
export function registerAccessLog(app: Api): void {
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(request.caller === null ? {} : { keyId: request.caller.keyId }),
      },
      'request',
    );
    done();
  });
}
