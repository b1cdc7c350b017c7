import { z } from 'zod';
import { type ConflictWord, type Health, type Preparation, type Stage, type Strategy } from '../../hub';
import { SECTION_NAMES } from '../../profile';
import { STAYING } from '../../sync/model/lifecycle-stages';
import { entityIdSchema, instantSchema, line, pageQuery, shownInstant } from './common';

export const strategySchema = z
  .enum(['publish', 'merge', 'import', 'none'] satisfies Strategy[])
  .meta({ description: 'How the first migration brings both sides together; `none` writes nothing.' });

const preparationSchema = z.enum(['approval', 'case', 'token'] satisfies Preparation[]).meta({
  description:
    'The step before the request token that is under way: approval of the request, the case with Concur, the token to come. `waitingFor` follows it.',
});

/** Beside the instant, for people. */
export const deadlineSchema = z.string().meta({
  description: 'In words: until when the request token can be handed in, and when support receives it.',
  examples: [
    'by 2026-05-01 10:00 UTC; support receives tokens 06:00–15:00 Europe/Zurich (04:00–13:00 UTC that day)',
  ],
});

export const STAGES = [...STAYING, 'offboarding', 'offboarded'] as const satisfies readonly Stage[];
export const stageSchema = z.enum(STAGES);
const healthSchema = z.enum(['ok', 'degraded', 'failing'] satisfies Health[]);

const conflictWordSchema = z.enum([
  'hub-wins',
  'concur-wins',
  'newest-wins',
  'hub-owned',
  'concur-owned',
] satisfies ConflictWord[]);

const sectionWords = Object.fromEntries(SECTION_NAMES.map((name) => [name, conflictWordSchema.nullish()]));
const conflictRuleSchema = z
  .union([
    conflictWordSchema,
    z.strictObject({
      default: conflictWordSchema.optional(),
      sections: z.strictObject(sectionWords).nullish(),
    }),
  ])
  .meta({
    description: 'Who wins where both sides changed the same: one word, or a default and words per section.',
    examples: ['hub-wins', { default: 'hub-wins', sections: { passports: 'concur-wins' } }],
  });

const idsSchema = z.strictObject({
  outtaskId: line(100).nullish(),
  companyId: line(100).nullish(),
  siteId: line(100).nullish(),
  vendorSiteIds: z.array(line(100)).max(100).nullish(),
});

const gdsSchema = z.strictObject({
  system: z.literal('amadeus-csx'),
  officeId: line(20),
  companyLocator: line(20),
});

const pollMinutesSchema = z
  .array(z.int().min(0).max(59))
  .min(1)
  .max(60)
  .meta({ description: 'Minutes of the hour (UTC); null: the setting POLL_MINUTES.' });

const changeable = {
  name: line(200),
  travelConfigId: line(100),
  ids: idsSchema,
  strategy: strategySchema.nullable(),
  conflictRule: conflictRuleSchema,
  unknownProfiles: z.enum(['create', 'hold']),
  apiVersion: z.union([z.literal(1), z.literal(2)]),
  gds: gdsSchema.nullable(),
  pollMinutes: pollMinutesSchema.nullable(),
};

export const switchFields = {
  interfaceOn: z.boolean().meta({
    description: 'False: nothing is sent to Concur but what keeps the connection alive; changes wait.',
  }),
  pollingOn: z.boolean().meta({ description: 'False: changes in Concur are not read.' }),
};

const companyUuid = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the UUID of the client’s Concur company')
  .meta({ description: 'UUID of the client’s company in Concur.' });

export const newEntitySchema = z
  .strictObject({
    id: entityIdSchema,
    name: changeable.name,
    companyUuid,
    travelConfigId: changeable.travelConfigId,
    ids: idsSchema.optional(),
    strategy: changeable.strategy.optional(),
    conflictRule: changeable.conflictRule.optional(),
    unknownProfiles: changeable.unknownProfiles.optional(),
    apiVersion: changeable.apiVersion.optional(),
    gds: changeable.gds.optional(),
    pollMinutes: changeable.pollMinutes.optional(),
    interfaceOn: switchFields.interfaceOn.optional(),
    pollingOn: switchFields.pollingOn.optional(),
    caseOnly: z
      .boolean()
      .optional()
      .meta({ description: 'True: only the case is opened; the token’s window is opened later.' }),
    preparation: preparationSchema.optional(),
  })
  .refine(({ preparation, caseOnly }) => preparation === undefined || caseOnly === true, {
    path: ['preparation'],
    error: 'goes with `caseOnly`: otherwise the window for the token is open already',
  })
  .meta({
    id: 'NewEntity',
    examples: [
      {
        id: 'acme-de',
        name: 'ACME Germany',
        companyUuid: '7b1b1f0e-0000-4000-8000-000000000001',
        travelConfigId: '104',
        ids: { outtaskId: 'p0012345', siteId: 'acme', vendorSiteIds: ['V-77'] },
        strategy: 'merge',
        conflictRule: 'hub-wins',
      },
    ],
  });
export type NewEntityJson = z.infer<typeof newEntitySchema>;

export const entityPatchSchema = z
  .strictObject({
    ...changeable,
    ...switchFields,
    companyUuid,
    preparation: preparationSchema.nullable(),
    ids: idsSchema.nullable(),
    conflictRule: conflictRuleSchema.nullable(),
  })
  .partial()
  .meta({
    id: 'EntityPatch',
    description: 'JSON merge patch: what is absent stays, `null` clears.',
    examples: [{ conflictRule: { sections: { passports: 'concur-wins' } }, pollMinutes: null }],
  });
export type EntityPatchJson = z.infer<typeof entityPatchSchema>;

const pollSchema = z.object({
  requestId: z.string().nullable(),
  startedAt: shownInstant,
  finishedAt: shownInstant.nullable(),
  seen: z.int(),
  changed: z.int(),
  quarantined: z.int(),
  error: z.string().nullable(),
});

export const countsSchema = z
  .object({
    travellers: z.int(),
    synced: z.int(),
    pending: z.int(),
    quarantined: z.int(),
    held: z.int(),
    inactive: z.int(),
    conflicts: z.int(),
  })
  .meta({ description: 'Each traveller once: travellers = the sum of the next five. Conflicts beside it.' });

const entityFields = {
  id: z.string(),
  name: z.string(),
  companyUuid: z.string(),
  travelConfigId: z.string(),
  ids: z.object({
    outtaskId: z.string().nullable(),
    companyId: z.string().nullable(),
    siteId: z.string().nullable(),
    vendorSiteIds: z.array(z.string()),
  }),
  strategy: strategySchema.nullable(),
  conflictRule: conflictRuleSchema,
  unknownProfiles: z.enum(['create', 'hold']),
  apiVersion: z.union([z.literal(1), z.literal(2)]),
  gds: gdsSchema.nullable(),
  pollMinutes: pollMinutesSchema.nullable(),
  ...switchFields,
  stage: stageSchema,
  health: healthSchema,
  healthReason: z.string().nullable().meta({ description: 'Why the health is not `ok`, in words.' }),
  waitingFor: z.string().nullable().meta({ description: 'In words: whose turn it is.' }),
  preparation: preparationSchema.nullable(),
  requestTokenExpiresAt: shownInstant.nullable(),
  requestTokenDeadline: deadlineSchema.nullable(),
  refreshTokenExpiresAt: shownInstant.nullable(),
  geolocation: z.string().nullable().meta({ description: 'Concur’s data centre for this company.' }),
  scopes: z.array(z.string()),
  missingScopes: z
    .array(z.string())
    .meta({ description: 'Scopes that were not granted; data they cost is not seen.' }),
  scopeLosses: z
    .array(z.object({ scope: z.string(), loss: z.string() }))
    .meta({ description: 'The same, each with what it costs, in words.' }),
  lastPoll: pollSchema.nullable(),
  nextPollAt: shownInstant.nullable(),
  counts: countsSchema,
};

export const entitySchema = z.object(entityFields).meta({ id: 'Entity' });
export type EntityJson = z.infer<typeof entitySchema>;

/** The answer to a write: the entity, and whether its workflow has yet to hear of it. */
export const entityAnswerSchema = z
  .object({
    ...entityFields,
    pending: z
      .boolean()
      .optional()
      .meta({ description: 'True when Temporal or the worker is away: it is stored and delivered later.' }),
  })
  .meta({ id: 'EntityAnswer' });

export const entityQuery = z.strictObject({ ...pageQuery, stage: stageSchema.optional() });
export const windowBody = z.strictObject({ issuedAt: instantSchema.optional() }).nullish();
export const requestTokenBody = z.strictObject({
  requestToken: z
    .string()
    .min(1)
    .max(4_000)
    .refine((text) => /^[\x21-\x7E]+$/.test(text.trim()), 'must be the token as Concur wrote it')
    .meta({ description: 'Concur’s request token. It goes into the vault and is never shown again.' }),
  issuedAt: instantSchema.optional(),
});
export const offboardBody = z
  .strictObject({ erase: z.boolean().optional().meta({ description: 'True needs the scope `admin`.' }) })
  .nullish();
export const pollBody = z
  .strictObject({
    since: instantSchema.optional().meta({ description: 'Read again what changed since then.' }),
  })
  .nullish();
export const noBody = z.strictObject({}).nullish();
