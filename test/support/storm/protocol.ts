import { z } from 'zod';

/** What the storm and one of its processes say to each other: a line of JSON each. */

/** The first line a process gets. */
export const setUpSchema = z.object({
  databaseUrl: z.string(),
  encryptionKeys: z.string(),
  /** As the environment would have them. */
  settings: z.record(z.string(), z.string()),
  entityId: z.string(),
});
export type SetUp = z.output<typeof setUpSchema>;

export const orderSchema = z.object({
  /** How many calls to make at the same time. */
  calls: z.number().int(),
  /** How far the clock of the process is ahead of the machine's, milliseconds. */
  clockAheadMs: z.number().int(),
});
export type Order = z.output<typeof orderSchema>;

export const doneSchema = z.object({
  /** Calls that succeeded in the end. */
  succeeded: z.number().int(),
  /** Codes of calls that did not. */
  failed: z.array(z.string()),
  /** Attempts that failed and were made again, by code. */
  repeated: z.record(z.string(), z.number().int()),
});
export type Done = z.output<typeof doneSchema>;
