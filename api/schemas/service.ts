import { z } from 'zod';
import { countsSchema, stageSchema } from './entity';

export const liveSchema = z.object({ status: z.literal('live'), version: z.string() });

export const readySchema = z.object({
  status: z.literal('ready'),
  store: z.boolean(),
  temporal: z.boolean(),
  worker: z.boolean(),
  version: z.string(),
});

export const statusSchema = z
  .object({
    version: z.string(),
    temporal: z.boolean(),
    worker: z.boolean(),
    entities: z.object({
      total: z.int(),
      byStage: z.partialRecord(stageSchema, z.int()),
      byHealth: z.object({ ok: z.int(), degraded: z.int(), failing: z.int() }),
    }),
    travellers: countsSchema,
    quarantined: z
      .int()
      .meta({ description: 'Open quarantined records, those without a traveller included.' }),
    dirty: z.int().meta({ description: 'Travellers that wait to be published.' }),
  })
  .meta({ id: 'Status' });
export type StatusJson = z.infer<typeof statusSchema>;

/** A payload as protobuf's JSON has it: bytes in base64. */
const payloadSchema = z.looseObject({
  metadata: z.record(z.string(), z.base64()).nullish(),
  data: z.base64().nullish(),
});
export const payloadsSchema = z.looseObject({ payloads: z.array(payloadSchema).max(10_000).optional() });
export type PayloadsJson = z.infer<typeof payloadsSchema>;
