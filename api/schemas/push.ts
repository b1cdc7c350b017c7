import { z } from 'zod';

const LONGEST_TEXT = 256;
const MOST_ATTRIBUTES = 1_000;
const text = z.string().trim().min(1).max(LONGEST_TEXT);

/**
 * An event of the topic `public.concur.user.travel.profile` (docs/concur.md §7). Only the company and the id
 * are used; the rest must be well-formed and is forgotten. Fields that are not named here may come.
 */
export const pushEventSchema = z.object({
  id: text.describe('the same event may come several times'),
  eventType: z.enum(['TravelProfileCreated', 'TravelProfileUpdated', 'TravelProfileDeleted', 'DELETE']),
  topic: z.literal('public.concur.user.travel.profile').optional(),
  facts: z.object({
    companyId: text.describe('Concur’s id of the company, or the company’s UUID'),
    userId: text,
    loginId: text.optional(),
    originator: z.string().max(LONGEST_TEXT).optional(),
    attributes: z
      .array(z.string().max(LONGEST_TEXT))
      .max(MOST_ATTRIBUTES)
      .optional()
      .describe('names of fields, no values'),
  }),
});
export type PushEvent = z.output<typeof pushEventSchema>;

/** The older notification of a company. */
export const pushNotificationSchema = z.object({
  type: text,
  oauth_token_key: text.optional(),
  userid_type: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(['login', 'uuid', 'xmlsyncid'])),
  userid_value: text,
});
export type PushNotification = z.output<typeof pushNotificationSchema>;

/** The same for every push that was understood, so that nobody learns which companies are known. */
export const pushAnswerSchema = z.object({ accepted: z.literal(true) });
