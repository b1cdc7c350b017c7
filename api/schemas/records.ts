import { z } from 'zod';
import { API_SCOPES } from '../../hub';
import {
  acceptedSchema,
  entityIdSchema,
  line,
  pageQuery,
  rowIdSchema,
  shownInstant,
  travellerIdSchema,
} from './common';

const directionSchema = z.enum(['pull', 'publish']);

export const quarantineSchema = z
  .object({
    id: z.string(),
    entityId: z.string(),
    travellerId: z.string().nullable(),
    loginId: z.string().nullable(),
    direction: directionSchema,
    code: z.string(),
    field: z.string().nullable(),
    reason: z.string().meta({ description: 'In words, without personal data.' }),
    correlationId: z.string().nullable(),
    firstAt: shownInstant,
    lastAt: shownInstant,
    attempts: z.int(),
    resolvedAt: shownInstant.nullable(),
    resolution: z.enum(['resolved', 'dismissed']).nullable(),
  })
  .meta({ id: 'QuarantinedRecord' });
export type QuarantineJson = z.infer<typeof quarantineSchema>;

export const quarantineDetailSchema = z.object({
  ...quarantineSchema.shape,
  message: z.string().nullable().meta({ description: 'Concur’s own text; only with the scope `sensitive`.' }),
});

export const quarantineQuery = z.strictObject({
  ...pageQuery,
  entity: entityIdSchema.optional(),
  traveller: travellerIdSchema.optional(),
  direction: directionSchema.optional(),
  closed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: '`true`: resolved and dismissed ones too.' }),
});

export const retryAllBody = z.strictObject({ entity: entityIdSchema, code: line(60) });
export const retryAllAnswer = z.object({
  ...acceptedSchema.shape,
  retried: z.int().meta({ description: 'Records that were freed.' }),
});

export const conflictSchema = z
  .object({
    id: z.string(),
    entityId: z.string(),
    travellerId: z.string(),
    section: z.string(),
    winner: z.enum(['hub', 'concur']),
    at: shownInstant,
    restoredAt: shownInstant.nullable(),
    slot: z.string().optional().meta({ description: 'Only with the scope `sensitive`, as are the values.' }),
    hubValue: z.unknown().optional(),
    concurValue: z.unknown().optional(),
  })
  .meta({ id: 'Conflict', description: 'Both sides had changed the same; the loser’s value is kept.' });
export type ConflictJson = z.infer<typeof conflictSchema>;

export const conflictQuery = z.strictObject({
  ...pageQuery,
  entity: entityIdSchema.optional(),
  traveller: travellerIdSchema.optional(),
});

export const eventSchema = z
  .object({
    id: z.string(),
    entityId: z.string(),
    at: shownInstant,
    kind: z.string(),
    message: z.string().meta({ description: 'In words, without personal data.' }),
    dueAt: shownInstant.nullable(),
  })
  .meta({ id: 'Event' });
export type EventJson = z.infer<typeof eventSchema>;

export const eventQuery = z.strictObject({
  ...pageQuery,
  entity: entityIdSchema.optional(),
  kind: line(100).optional(),
});

export const requestSchema = z
  .object({
    id: z.string(),
    entityId: z.string(),
    kind: z.string(),
    pending: z.boolean(),
    createdAt: shownInstant,
    deliveredAt: shownInstant.nullable(),
    attempts: z.int(),
    lastError: z.string().nullable(),
    refused: z.object({ code: z.string(), message: z.string() }).nullable().meta({
      description: 'Why its workflow did not carry it out; null where it did, or has yet to hear of it.',
    }),
  })
  .meta({ id: 'Request', description: 'A command that was accepted, and whether its workflow has it.' });
export type RequestJson = z.infer<typeof requestSchema>;

const scopeSchema = z.enum(API_SCOPES);
export const newApiKeySchema = z.strictObject({
  name: line(100).meta({ description: 'Who or what uses it.' }),
  scopes: z.array(scopeSchema).min(1).max(API_SCOPES.length),
});
export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scopeSchema),
    createdAt: shownInstant,
    revokedAt: shownInstant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyJson = z.infer<typeof apiKeySchema>;
export const createdApiKeySchema = z.object({
  ...apiKeySchema.shape,
  key: z.string().meta({ description: 'Shown this once; only its hash is stored.' }),
});

export const rowParams = z.object({ id: rowIdSchema });
