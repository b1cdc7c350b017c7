import { type FastifyRequest, type preValidationHookHandler } from 'fastify';
import { type ZodTypeProvider } from 'fastify-type-provider-zod';
import { type Api, type ApiContext } from '../deps';
import { Problem } from '../problem';
import { isForm, parsePushBody } from '../push/body';
import { readPushKeys } from '../push/keys';
import { createPollAsker } from '../push/poll-asker';
import { createSenderCheck } from '../push/sender';
import { requireSignature, SIGNATURE_HEADER } from '../push/signature';
import { answer, problems, TAGS } from '../route-docs';
import { pushAnswerSchema, pushEventSchema, pushNotificationSchema } from '../schemas/push';

/** An event holds names of fields and a few ids. */
const PUSH_BODY_LIMIT = 64 * 1024;
const CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded'];

const DOCS = {
  tags: [TAGS.push],
  security: [{ pushSecret: [] }],
  response: {
    202: answer('Understood. Says nothing about whether the company is known.', pushAnswerSchema),
    ...problems(400, 404, 413, 422),
    401: {
      ...problems(401)[401],
      description: 'Nothing proves that this comes from Concur; `code` says what is wrong.',
    },
  },
};

/**
 * What Concur tells us of changes (docs/concur.md §7). It carries no data that is believed: it only makes the
 * next poll come sooner.
 * @throws PushKeysError
 */
export function registerPush(app: Api, context: ApiContext): void {
  const asker = createPollAsker(context);
  app.addHook('onClose', () => asker.settled());
  const proofs = createProofs(context);
  void app.register((plain, _options, done) => {
    const scope = plain.withTypeProvider<ZodTypeProvider>();
    // The signature is over the bytes, so they are parsed only after it was checked.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      CONTENT_TYPES,
      { parseAs: 'buffer', bodyLimit: PUSH_BODY_LIMIT },
      (_request, body, parsed) => parsed(null, body),
    );

    scope.post('/v1/concur/events', {
      config: { access: 'push' },
      schema: { ...DOCS, summary: 'Take an event of Concur’s subscriptions', body: pushEventSchema },
      onRequest: proofs.ofSender,
      preValidation: [refuseForms, proofs.ofSignature],
      handler: async ({ body }, reply) => {
        await asker.ask([{ by: 'company', id: body.facts.companyId }], body.id);
        return reply.code(202).send({ accepted: true });
      },
    });

    scope.post('/v1/concur/notifications', {
      config: { access: 'push' },
      schema: { ...DOCS, summary: 'Take a notification of the older kind', body: pushNotificationSchema },
      onRequest: proofs.ofSender,
      preValidation: proofs.ofSignature,
      handler: async ({ body }, reply) => {
        const company = body.oauth_token_key;
        await asker.ask([
          ...(company === undefined ? [] : [{ by: 'company' as const, id: company }]),
          { by: body.userid_type, id: body.userid_value },
        ]);
        return reply.code(202).send({ accepted: true });
      },
    });
    done();
  });
}

/** The checks before a push is read. Without any proof set up, the routes answer as if they were not there. */
function createProofs({ settings, clock }: ApiContext) {
  const isFromConcur = createSenderCheck(settings);
  const path = settings.CONCUR_PUSH_KEYS_FILE;
  const keys = path === undefined ? undefined : readPushKeys(path);
  const ofSender = (request: FastifyRequest): Promise<void> => {
    if (isFromConcur === undefined && keys === undefined) {
      const detail =
        'Push from Concur is off. Set CONCUR_PUSH_SECRET, CONCUR_PUSH_KEYS_FILE or TRUSTED_PROXIES.';
      return Promise.reject(new Problem(404, 'push-off', detail));
    }
    if (isFromConcur?.(request) === false) {
      const detail = 'Send the push secret in its header, or a client certificate through a trusted proxy.';
      return Promise.reject(new Problem(401, 'push-not-authenticated', detail));
    }
    return Promise.resolve();
  };
  const ofSignature = (request: FastifyRequest): Promise<void> => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (keys !== undefined) {
      requireSignature(request.headers[SIGNATURE_HEADER], body, { keys, now: clock.now() });
    }
    request.body = parsePushBody(request.headers['content-type'], body);
    return Promise.resolve();
  };
  return { ofSender, ofSignature };
}

const refuseForms: preValidationHookHandler = (request, _reply, done) => {
  if (!isForm(request.headers['content-type'])) return done();
  done(new Problem(415, 'unsupported-media-type', 'Send JSON with Content-Type application/json.'));
};
