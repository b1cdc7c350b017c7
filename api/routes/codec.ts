import { type Payload } from '@temporalio/common';
import { allowUiOrigin, requireCodecAccess } from '../codec-access';
import { type Api, type ApiContext } from '../deps';
import { describeFailure } from '../failure-log';
import { Problem } from '../problem';
import { answer, problems, TAGS } from '../route-docs';
import { type PayloadsJson, payloadsSchema } from '../schemas/service';

/** A history page of the UI comes as one request. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Temporal's remote codec protocol: `POST {payloads}` → `{payloads}`. */
export function registerCodec(app: Api, context: ApiContext): void {
  const { codec, uiOrigin, log } = context;

  for (const direction of ['encode', 'decode'] as const) {
    const url = `/codec/${direction}`;

    app.options(url, {
      config: { access: 'codec' },
      schema: { hide: true },
      handler: (request, reply) => {
        allowUiOrigin(request, reply, uiOrigin);
        return reply.code(204).send();
      },
    });

    app.post(url, {
      config: { access: 'codec' },
      bodyLimit: BODY_LIMIT,
      onRequest: async (request, reply) => {
        // Before the check, so that the UI may read why it is refused.
        allowUiOrigin(request, reply, uiOrigin);
        await requireCodecAccess(request, context, direction === 'encode' ? 'write' : 'read');
      },
      schema: {
        tags: [TAGS.service],
        summary: SUMMARIES[direction],
        description:
          'Temporal’s remote codec protocol. Needs no key on loopback and from the Temporal UI’s own origin; elsewhere an API key.',
        security: [{ apiKey: [] }, {}],
        body: payloadsSchema,
        response: { 200: answer('Converted.', payloadsSchema), ...problems(401, 403, 422) },
      },
      handler: async ({ body }, reply) => {
        const payloads = (body.payloads ?? []).map(fromJson);
        try {
          return await reply.send({ payloads: (await codec[direction](payloads)).map(toJson) });
        } catch (error) {
          log.warn({ direction, ...describeFailure(error) }, 'payloads could not be converted');
          throw new Problem(
            422,
            'payload-unreadable',
            'These payloads cannot be opened with the keys of this hub.',
          );
        }
      },
    });
  }
}

const SUMMARIES = {
  encode: 'Seal payloads for Temporal',
  decode: 'Open payloads for the Temporal UI and CLI',
} as const;

type PayloadJson = NonNullable<PayloadsJson['payloads']>[number];

function fromJson({ metadata, data }: PayloadJson): Payload {
  const bytes = Object.entries(metadata ?? {}).map(
    ([name, text]) => [name, Buffer.from(text, 'base64')] as const,
  );
  return {
    metadata: Object.fromEntries(bytes),
    ...(data == null ? {} : { data: Buffer.from(data, 'base64') }),
  };
}

function toJson({ metadata, data }: Payload): PayloadJson {
  const texts = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)] as const);
  return { metadata: Object.fromEntries(texts), ...(data == null ? {} : { data: base64(data) }) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
