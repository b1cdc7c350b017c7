import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a process that runs histories is told. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('seeds'), from: z.number().int(), count }),
  z.object({ kind: z.literal('twice'), seeds: z.array(z.number().int()) }),
  z.object({ kind: z.literal('plants'), plants: z.array(z.string()), most: count }),
]);
export type Order = z.infer<typeof orderSchema>;

export const seedsReportSchema = z.object({
  from: z.number(),
  histories: count,
  failed: z.array(z.object({ seed: z.number(), complaints: z.array(z.string()).readonly() })),
  figures: z.object({
    calls: count,
    writes: count,
    drops: count,
    failures: count,
    lostByLimit: count,
    echoed: count,
    swept: count,
    crossed: count,
    quarantined: count,
    conflicts: count,
  }),
  statements: count,
  cpuSeconds: z.number(),
});
export type SeedsReport = z.infer<typeof seedsReportSchema>;

export const twiceReportSchema = z.object({
  seed: z.number(),
  first: z.array(z.string()),
  second: z.array(z.string()),
});

/** `complaint` is absent where the bug was not found. */
export const huntReportSchema = z.object({
  name: z.string(),
  histories: count,
  complaint: z.string().optional(),
});
