import { z } from 'zod';
import { type ItemAction, type ItemOutcome, type MigrationStateName } from '../../hub';
import { pageQuery, shownInstant } from './common';
import { strategySchema } from './entity';

const stateSchema = z.enum([
  'planning',
  'awaiting-approval',
  'executing',
  'verifying',
  'awaiting-final-approval',
  'completed',
  'rejected',
  'cancelled',
  'failed',
] satisfies MigrationStateName[]);

const countsSchema = z.object({
  create: z.int(),
  update: z.int(),
  bind: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  done: z.int(),
  quarantined: z.int(),
  needsApproval: z.int(),
  skipped: z.int(),
});

const reportSchema = z
  .object({
    verified: z.int(),
    equal: z.int(),
    differs: z.array(z.object({ travellerId: z.string(), fields: z.array(z.string()) })),
    notTaken: z
      .array(z.object({ travellerId: z.string(), fields: z.array(z.string()) }))
      .meta({ description: 'Equal but for these fields, which Concur would not take or not remove.' }),
    missing: z.array(z.string()),
    unverified: z.array(z.string()),
    notRemovable: z.int(),
    warnings: z.int(),
  })
  .meta({ description: 'What verification found by reading every profile again.' });

export const migrationSchema = z
  .object({
    number: z.int(),
    strategy: strategySchema,
    state: stateSchema,
    digest: z.string().nullable().meta({ description: 'Names the stored plan; `approve` must repeat it.' }),
    counts: countsSchema,
    plannedAt: shownInstant.nullable(),
    approvedAt: shownInstant.nullable(),
    completedAt: shownInstant.nullable(),
    report: reportSchema.nullable(),
    error: z.string().nullable(),
    createdAt: shownInstant,
  })
  .meta({ id: 'Migration' });
export type MigrationJson = z.infer<typeof migrationSchema>;

export const newMigrationBody = z
  .strictObject({ strategy: strategySchema })
  .meta({ examples: [{ strategy: 'merge' }] });
export const newMigrationAnswer = z.object({
  number: z.int(),
  requestId: z.string(),
  pending: z.boolean(),
});

export const approveBody = z.strictObject({
  digest: z.string().min(1).max(200).meta({ description: '`digest` of the migration, as it was reviewed.' }),
  step: z
    .literal('deactivate-old')
    .optional()
    .meta({ description: 'Import only: the final approval, before the old company is deactivated.' }),
});

const outcomeSchema = z.enum(['done', 'quarantined', 'needs-approval', 'skipped'] satisfies ItemOutcome[]);
const actionSchema = z.enum(['create', 'update', 'bind', 'unchanged', 'refused'] satisfies ItemAction[]);

export const itemSchema = z
  .object({
    travellerId: z.string(),
    action: actionSchema,
    code: z.string().nullable(),
    reason: z.string().nullable().meta({ description: 'Why it was refused, in words.' }),
    xml: z.string().nullable().meta({
      description:
        'The exact body that was planned. The password shows as `(set at sending)`; sensitive values are masked without the scope `sensitive`. Null where nothing is sent or the plan was forgotten.',
    }),
    cardsXml: z.string().nullable().meta({
      description:
        'The complete list of cards that goes by a call of its own, after the profile. Null where the cards stay as they are.',
    }),
    xmlProblem: z
      .object({ code: z.string(), field: z.string() })
      .nullable()
      .meta({ description: 'Why the plan cannot be written as XML.' }),
    overwrites: z.array(z.string()).meta({ description: 'What would be replaced in Concur.' }),
    clears: z.array(z.string()).meta({ description: 'What would be removed from Concur.' }),
    withheld: z
      .array(z.object({ field: z.string(), code: z.string(), reason: z.string() }))
      .meta({ description: 'Fields left out because Concur would refuse them.' }),
    outcome: outcomeSchema.nullable(),
    detail: z.string().nullable(),
    replanned: z.boolean(),
  })
  .meta({ id: 'MigrationItem' });
export type MigrationItemJson = z.infer<typeof itemSchema>;

export const itemQuery = z.strictObject({
  ...pageQuery,
  outcome: z
    .enum(['done', 'quarantined', 'needs-approval', 'skipped', 'open'])
    .optional()
    .meta({ description: '`open`: without an outcome yet.' }),
  action: actionSchema.optional(),
});
