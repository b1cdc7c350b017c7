import { z } from 'zod';
import { type ReconcileFinding, type ReconciliationStateName } from '../../hub';
import { acceptedSchema, migrationNumberSchema, pageQuery, shownInstant } from './common';

const stateSchema = z.enum(['running', 'completed', 'skipped', 'failed'] satisfies ReconciliationStateName[]);

const outcomeSchema = z.enum([
  'differs',
  'only-here',
  'only-there',
  'held',
  'quarantined',
  'not-removable',
  'pending',
  'unread',
] satisfies ReconcileFinding[]);

const countsSchema = z
  .object({
    equal: z.int(),
    differs: z.int(),
    onlyHere: z.int(),
    onlyThere: z.int(),
    held: z.int(),
    quarantined: z.int(),
    notRemovable: z.int(),
    pending: z.int(),
    unread: z.int(),
  })
  .meta({ description: 'Each traveller, and each profile that only Concur has, once.' });

export const reconcileBody = z
  .strictObject({
    repair: z
      .boolean()
      .optional()
      .meta({ description: 'Hand what differs to the publisher, and what only Concur has to the pull.' }),
  })
  .nullish();

export const reconcileAnswer = z.object({
  ...acceptedSchema.shape,
  number: z.int().meta({ description: 'Of the reconciliation, for `GET …/reconciliations/{number}`.' }),
});

export const reconciliationSchema = z
  .object({
    number: z.int(),
    state: stateSchema.meta({ description: '`skipped`: the entity stood still; `error` says why.' }),
    origin: z.enum(['request', 'schedule']),
    repair: z.boolean(),
    travellers: z.int().meta({ description: 'Of the entity when it was asked for.' }),
    compared: z.int().meta({ description: 'Travellers looked at so far.' }),
    listed: z.int().meta({ description: 'Profiles on Concur’s list looked at so far.' }),
    withoutLogin: z.int().meta({ description: 'Of them without a login: they cannot be compared.' }),
    counts: countsSchema,
    inStep: z.boolean().nullable().meta({
      description:
        'Whether nothing was found but `equal`, `held` and `not-removable`; null while it is under way.',
    }),
    repaired: z.int().meta({ description: 'Handed to the publisher or the pull.' }),
    error: z.string().nullable(),
    createdAt: shownInstant,
    startedAt: shownInstant.nullable(),
    finishedAt: shownInstant.nullable(),
  })
  .meta({ id: 'Reconciliation' });
export type ReconciliationJson = z.infer<typeof reconciliationSchema>;

export const reconciliationItemSchema = z
  .object({
    key: z.string(),
    travellerId: z
      .string()
      .nullable()
      .meta({ description: 'Null for a profile that is nobody’s in the hub.' }),
    concurLoginId: z
      .string()
      .nullable()
      .meta({ description: 'Of such a profile, with the scope `sensitive`; without it masked.' }),
    outcome: outcomeSchema,
    fields: z.array(z.string()).meta({ description: 'Concur’s names of what differs; never values.' }),
    code: z.string().nullable(),
    reason: z.string().nullable().meta({ description: 'In words, without personal data.' }),
    repairedAt: shownInstant.nullable(),
  })
  .meta({ id: 'ReconciliationItem' });
export type ReconciliationItemJson = z.infer<typeof reconciliationItemSchema>;

export const reconciliationsQuery = z.strictObject({
  cursor: migrationNumberSchema.optional().meta({ description: '`nextCursor` of the page before.' }),
  limit: pageQuery.limit,
});
export const reconciliationItemQuery = z.strictObject({ ...pageQuery, outcome: outcomeSchema.optional() });
