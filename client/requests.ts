import { z } from 'zod';

/** Instants in milliseconds since the epoch. */
const window = {
  issuedAt: z.number(),
  expiresAt: z.number(),
  support: z
    .object({
      hours: z.string(),
      from: z.number(),
      until: z.number(),
      lastChance: z.number().optional(),
    })
    .optional(),
};

/**
 * Commands that the API accepts for a workflow. Each is stored in `requests` before it is delivered, and
 * delivered as an Update whose id is the row's id, so that delivering twice does it once.
 */
export const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start-lifecycle') }),
  z.object({ kind: z.literal('open-window'), ...window }),
  z.object({
    kind: z.literal('token-received'),
    credentialId: z.string(),
    ...window,
  }),
  // Names, no values: what SQL says when it is delivered counts, so that the last change wins.
  z.object({
    kind: z.literal('change-settings'),
    names: z.array(z.enum(['strategy', 'preparation'])),
  }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('offboard'), erase: z.boolean() }),
  z.object({ kind: z.literal('poll'), since: z.string().optional() }),
  // Without the minutes, for the same reason.
  z.object({ kind: z.literal('change-poll-minutes') }),
  // Likewise.
  z.object({ kind: z.literal('change-switches') }),
  z.object({ kind: z.literal('publish') }),
  z.object({ kind: z.literal('start-migration'), number: z.number().int() }),
  z.object({ kind: z.literal('start-reconciliation'), number: z.number().int() }),
  z.object({
    kind: z.literal('approve-migration'),
    number: z.number().int(),
    digest: z.string(),
    step: z.string().optional(),
  }),
  z.object({ kind: z.literal('reject-migration'), number: z.number().int() }),
  z.object({ kind: z.literal('cancel-migration'), number: z.number().int() }),
]);

export type WorkflowRequest = z.infer<typeof requestSchema>;

/** A stored command. */
export interface StoredRequest {
  readonly id: string;
  readonly entityId: string;
  readonly request: WorkflowRequest;
}

export type Delivery =
  | { readonly status: 'delivered' }
  /** The workflow refused it for good; `code` is the validator's. */
  | { readonly status: 'refused'; readonly code: string; readonly message: string }
  /** Temporal or the worker is away: the sweep delivers later. */
  | { readonly status: 'pending'; readonly message: string };

/** The Temporal side of a caller; what the API and the activities speak to. */
export interface WorkflowEngine {
  /** Delivers a stored command, idempotently, within the delivery time-out. Never throws for an outage. */
  deliver(stored: StoredRequest): Promise<Delivery>;
  /** Wakes the entity's publisher; false when Temporal is away (the sweep wakes it later). */
  wakePublisher(entityId: string): Promise<boolean>;
  /** Whether the server answers and a worker polls the task queue. */
  health(): Promise<{ readonly temporal: boolean; readonly worker: boolean }>;
}
