import { z } from 'zod';

/** What the process of the fleet's worker is told, as its first message. */
export const orderSchema = z.object({
  databaseUrl: z.string(),
  address: z.string(),
  namespace: z.string(),
  /** Settings as the environment would have them, ENCRYPTION_KEYS included. */
  environment: z.record(z.string(), z.string()),
});
export type Order = z.infer<typeof orderSchema>;

/** What it says every few seconds, of everything since it began. */
export const progressSchema = z.object({
  kind: z.literal('progress'),
  rssBytes: z.number(),
  rssPeakBytes: z.number(),
  /** Polls that ended, by how they did: `ok` or the class of a failure. */
  polls: z.record(z.string(), z.number()),
});
export type Progress = z.infer<typeof progressSchema>;

/** What it says when it is told to stop, before it does. */
export const finishedSchema = progressSchema.extend({
  kind: z.literal('finished'),
  /** Of each poll that had a turn, how long after it the poll began. */
  lagSeconds: z.array(z.number()),
  /** How long each successful poll took. */
  pollSeconds: z.array(z.number()),
  cpuSeconds: z.number(),
});
export type Finished = z.infer<typeof finishedSchema>;

export const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  progressSchema,
  finishedSchema,
]);
export type Message = z.infer<typeof messageSchema>;
