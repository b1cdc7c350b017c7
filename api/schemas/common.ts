import { z } from 'zod';

/** Ids stand in URLs and logs, so no e-mail address may be one. */
export const ENTITY_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const TRAVELLER_ID = /^[A-Za-z0-9_-]{1,64}$/;
const ROW_ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const CONTROL = /\p{Cc}/u;

export const entityIdSchema = z
  .string()
  .regex(ENTITY_ID, 'must match ^[a-z0-9][a-z0-9-]{0,62}$')
  .meta({ description: 'Entity id.', examples: ['acme-de'] });

export const travellerIdSchema = z
  .string()
  .regex(TRAVELLER_ID, 'must match ^[A-Za-z0-9_-]{1,64}$')
  .meta({ description: 'Traveller id of the caller’s choice; no e-mail address.', examples: ['T-1001'] });

export const rowIdSchema = z.string().regex(ROW_ID, 'is no id of this API');
export const migrationNumberSchema = z.coerce.number<string>().int().min(1).max(2_000_000_000);

/** Text of one line. @param max most characters */
export function line(max: number): z.ZodType<string, string> {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.trim() !== '' && !CONTROL.test(text), 'must be text without control characters');
}

/** An instant, ISO 8601 with time zone. */
export const instantSchema = z.iso.datetime({ offset: true }).meta({ examples: ['2026-03-02T08:05:00Z'] });

/** An instant in an answer. */
export const shownInstant = z.string().meta({ format: 'date-time' });

export const flagSchema = z
  .enum(['true', 'false'])
  .optional()
  .meta({ description: '`true` or `false` (default).' });

export const pageQuery = {
  cursor: rowIdSchema.optional().meta({ description: '`nextCursor` of the page before.' }),
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(500)
    .default(100)
    .meta({ description: 'Most items of the page, 1–500.' }),
};

/** One page of a list, ordered by id. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Where the next page starts; null at the end.' }),
  });
}

/** The answer to an action. */
export const acceptedSchema = z
  .object({
    requestId: z
      .string()
      .nullable()
      .meta({ description: 'See GET /v1/requests/{requestId}; null where no workflow has to hear of it.' }),
    pending: z
      .boolean()
      .meta({ description: 'True when Temporal or the worker is away: it is stored and delivered later.' }),
  })
  .meta({ id: 'Accepted', examples: [{ requestId: '01J9ZK3V7Q', pending: false }] });
export type AcceptedJson = z.infer<typeof acceptedSchema>;
