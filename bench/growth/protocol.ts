import { z } from 'zod';

/** What the process of one size is told, as JSON in its only argument. */
export const orderSchema = z.object({
  /** An empty database. */
  databaseUrl: z.string(),
  items: z.number().int().positive(),
});
export type Order = z.infer<typeof orderSchema>;

/** What it says in the end. */
export const grownSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  heapPeakBytes: z.number(),
  /** Of the whole process, from its beginning. */
  rssPeakBytes: z.number(),
  seen: z.number(),
  changed: z.number(),
});
export type Grown = z.infer<typeof grownSchema>;
