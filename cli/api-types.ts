import { z } from 'zod';

/**
 * What the API answers, as far as the command looks at it. All of them let further fields through, so that
 * `--json` shows everything and a newer API does not break an older command.
 */

const counter = z.number();
const instant = z.string().nullish();

export const entityCountsSchema = z.looseObject({
  travellers: counter,
  synced: counter,
  pending: counter,
  quarantined: counter,
  held: counter,
  inactive: counter,
  conflicts: counter,
});

export const entitySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  companyUuid: z.string(),
  travelConfigId: z.string(),
  ids: z
    .looseObject({
      outtaskId: z.string().nullish(),
      companyId: z.string().nullish(),
      siteId: z.string().nullish(),
      vendorSiteIds: z.array(z.string()).nullish(),
    })
    .nullish(),
  strategy: z.string().nullish(),
  conflictRule: z.unknown(),
  unknownProfiles: z.string().nullish(),
  apiVersion: z.number().nullish(),
  pollMinutes: z.array(z.number()).nullish(),
  interfaceOn: z.boolean().nullish(),
  pollingOn: z.boolean().nullish(),
  stage: z.string(),
  health: z.string().nullish(),
  healthReason: z.string().nullish(),
  waitingFor: z.string().nullish(),
  preparation: z.string().nullish(),
  requestTokenExpiresAt: instant,
  requestTokenDeadline: z.string().nullish(),
  refreshTokenExpiresAt: instant,
  geolocation: z.string().nullish(),
  missingScopes: z.array(z.string()).nullish(),
  scopeLosses: z.array(z.looseObject({ scope: z.string(), loss: z.string() })).nullish(),
  lastPoll: z
    .looseObject({
      requestId: z.string().nullish(),
      startedAt: instant,
      finishedAt: instant,
      seen: counter.nullish(),
      changed: counter.nullish(),
      quarantined: counter.nullish(),
      error: z.string().nullish(),
    })
    .nullish(),
  nextPollAt: instant,
  counts: entityCountsSchema.nullish(),
});
export type Entity = z.output<typeof entitySchema>;

export const agencySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  interfaceOn: z.boolean(),
  pollingOn: z.boolean(),
});
export type Agency = z.output<typeof agencySchema>;

export const acceptedSchema = z.looseObject({
  requestId: z.string().nullish(),
  pending: z.boolean().nullish(),
  /** Of the window for the request token. */
  requestTokenExpiresAt: instant,
  requestTokenDeadline: z.string().nullish(),
});
/** A command that the API took; `pending`: it reaches its workflow when Temporal is back. */
export type Accepted = z.output<typeof acceptedSchema>;

export const retriedSchema = acceptedSchema.extend({ retried: counter });
export type Retried = z.output<typeof retriedSchema>;

export const migrationCountsSchema = z.looseObject({
  create: counter,
  update: counter,
  bind: counter,
  unchanged: counter,
  refused: counter,
  done: counter,
  quarantined: counter,
  needsApproval: counter,
  skipped: counter,
});
export type MigrationCounts = z.output<typeof migrationCountsSchema>;

export const reportSchema = z.looseObject({
  verified: counter,
  equal: counter,
  differs: z.array(z.looseObject({ travellerId: z.string(), fields: z.array(z.string()) })),
  notTaken: z.array(z.looseObject({ travellerId: z.string(), fields: z.array(z.string()) })).default([]),
  missing: z.array(z.string()),
  unverified: z.array(z.string()),
  notRemovable: counter,
  warnings: counter,
});
export type MigrationReport = z.output<typeof reportSchema>;

export const migrationSchema = z.looseObject({
  number: z.number(),
  strategy: z.string(),
  state: z.string(),
  digest: z.string().nullish(),
  counts: migrationCountsSchema,
  plannedAt: instant,
  approvedAt: instant,
  completedAt: instant,
  error: z.string().nullish(),
  report: reportSchema.nullish(),
});
export type Migration = z.output<typeof migrationSchema>;

export const migrationStartedSchema = z.looseObject({ number: z.number() });

export const migrationItemSchema = z.looseObject({
  travellerId: z.string(),
  action: z.string(),
  code: z.string().nullish(),
  reason: z.string().nullish(),
  outcome: z.string().nullish(),
  detail: z.string().nullish(),
  xml: z.string().nullish(),
  cardsXml: z.string().nullish(),
  withheld: z.array(z.looseObject({ field: z.string(), code: z.string(), reason: z.string() })).nullish(),
});
export type MigrationItem = z.output<typeof migrationItemSchema>;

export const reconcileAcceptedSchema = acceptedSchema.extend({ number: z.number() });
export type ReconcileAccepted = z.output<typeof reconcileAcceptedSchema>;

export const reconciliationSchema = z.looseObject({
  number: z.number(),
  state: z.string(),
  repair: z.boolean(),
  travellers: counter,
  compared: counter,
  listed: counter,
  withoutLogin: counter,
  counts: z.looseObject({
    equal: counter,
    differs: counter,
    onlyHere: counter,
    onlyThere: counter,
    held: counter,
    quarantined: counter,
    notRemovable: counter,
    pending: counter,
    unread: counter,
  }),
  inStep: z.boolean().nullish(),
  repaired: counter,
  error: z.string().nullish(),
  createdAt: z.string(),
  startedAt: instant,
});
export type Reconciliation = z.output<typeof reconciliationSchema>;

export const reconciliationItemSchema = z.looseObject({
  travellerId: z.string().nullish(),
  concurLoginId: z.string().nullish(),
  outcome: z.string(),
  fields: z.array(z.string()),
  code: z.string().nullish(),
  reason: z.string().nullish(),
});
export type ReconciliationItem = z.output<typeof reconciliationItemSchema>;

export const travellerSchema = z.looseObject({
  id: z.string(),
  username: z.string().nullish(),
  status: z.string().nullish(),
  concurLoginId: z.string().nullish(),
  concurUuid: z.string().nullish(),
  sync: z.looseObject({ state: z.string() }).nullish(),
});
export type TravellerView = z.output<typeof travellerSchema>;

export const quarantineSchema = z.looseObject({
  id: z.string(),
  entityId: z.string(),
  travellerId: z.string().nullish(),
  loginId: z.string().nullish(),
  direction: z.string(),
  code: z.string(),
  field: z.string().nullish(),
  reason: z.string(),
  correlationId: z.string().nullish(),
  firstAt: instant,
  lastAt: instant,
  attempts: z.number(),
  resolvedAt: instant,
  resolution: z.string().nullish(),
  /** Of a single record, with the scope `sensitive`. */
  message: z.string().nullish(),
});
export type QuarantineView = z.output<typeof quarantineSchema>;

/** Slot and values come with the scope `sensitive` only. */
export const conflictSchema = z.looseObject({
  id: z.string(),
  entityId: z.string(),
  travellerId: z.string(),
  section: z.string(),
  winner: z.string(),
  at: z.string(),
  restoredAt: instant,
});
export type ConflictView = z.output<typeof conflictSchema>;

export const eventSchema = z.looseObject({
  id: z.string(),
  entityId: z.string(),
  at: z.string(),
  kind: z.string(),
  message: z.string(),
  dueAt: instant,
});
export type EventView = z.output<typeof eventSchema>;

export const apiKeySchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  scopes: z.array(z.string()),
  createdAt: instant,
  revokedAt: instant,
});
export type ApiKeyView = z.output<typeof apiKeySchema>;

/** The key itself is in this answer only. */
export const apiKeyCreatedSchema = apiKeySchema.extend({ key: z.string() });

export const callSchema = z.looseObject({
  id: z.string(),
  entityId: z.string(),
  at: z.string(),
  function: z.string().nullish(),
  method: z.string(),
  route: z.string(),
  status: z.number().nullish(),
  durationMs: z.number(),
  correlationId: z.string().nullish(),
  correlationIdSent: z.string().nullish(),
  errorCode: z.string().nullish(),
});
export type CallView = z.output<typeof callSchema>;

export const supportCaseSchema = z.looseObject({ callId: z.string(), bodies: z.string(), text: z.string() });
export type SupportCase = z.output<typeof supportCaseSchema>;

export const keyRotationSchema = z.looseObject({
  rotated: z.number(),
  remaining: z.number(),
  activeKeyId: z.string(),
  unreadable: z.array(z.string()).nullish(),
});
export type KeyRotation = z.output<typeof keyRotationSchema>;

export const statusSchema = z.looseObject({});

export const problemSchema = z.looseObject({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z
    .array(
      z.looseObject({
        path: z.union([z.string(), z.array(z.union([z.string(), z.number()]))]).optional(),
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .optional(),
});

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.looseObject({ items: z.array(item), nextCursor: z.string().nullish() });
}
