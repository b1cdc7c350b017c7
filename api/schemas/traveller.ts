import { z } from 'zod';
import { type SyncViewState } from '../../hub';
import { type ProfileSections, type ProfileStatus } from '../../profile';
import { flagSchema, pageQuery, shownInstant, travellerIdSchema } from './common';
import { TRAVELLER_EXAMPLE, WRITTEN_EXAMPLE } from './traveller-example';
import { shownSections, writtenSections } from './traveller-sections';

const statusSchema = z.enum(['active', 'inactive'] satisfies ProfileStatus[]);
const stateSchema = z.enum([
  'synced',
  'pending',
  'quarantined',
  'held',
  'inactive',
] satisfies SyncViewState[]);

const warningSchema = z.object({
  code: z.string().meta({ description: 'Concur’s W-code, `not-removable` or `not-accepted`.' }),
  field: z.string(),
  reason: z.string(),
  correlationId: z.string().nullable(),
  at: z.string(),
});

const syncSchema = z.object({
  state: stateSchema,
  lastPublishedAt: shownInstant.nullable(),
  lastPulledAt: shownInstant.nullable(),
  warnings: z.array(warningSchema).meta({ description: 'Fields Concur did not take at the last publish.' }),
});

/** What every traveller has beside its sections. */
const shownHead = {
  id: z.string(),
  username: z.string(),
  status: statusSchema,
  concurLoginId: z.string().nullable(),
  concurUuid: z.string().nullable(),
  unknownElements: z
    .array(z.object({ path: z.string(), name: z.string(), value: z.string() }))
    .optional()
    .meta({
      description:
        'What Concur showed and the schema of Travel Profile v2 has no element for, as XML; read-only. Values only with the scope `sensitive`.',
    }),
  sync: syncSchema,
};
export type TravellerJson = z.infer<z.ZodObject<typeof shownHead>> & ProfileSections;

export const travellerSchema = z.object({ ...shownHead, ...shownSections }).meta({
  id: 'Traveller',
  description: 'A traveller as the hub knows it. Sections without content are absent.',
  examples: [TRAVELLER_EXAMPLE],
});

const username = z.string().meta({
  minLength: 3,
  maxLength: 128,
  description: 'Unique in the entity; becomes the Concur login of a new profile.',
});
const concurLoginId = z.string().max(256).nullable().meta({
  description:
    'Login of the Concur profile the traveller has already. Absent: the username becomes the login. Cannot be changed once bound.',
});

const writtenHead = {
  id: travellerIdSchema.optional(),
  username: username.optional(),
  status: statusSchema.optional(),
  concurLoginId: concurLoginId.optional(),
  concurUuid: z.unknown().optional().meta({ description: 'Read-only: accepted and ignored.' }),
  unknownElements: z.unknown().optional().meta({ description: 'Read-only: accepted and ignored.' }),
  sync: z.unknown().optional().meta({ description: 'Read-only: accepted and ignored.' }),
};

/** The routes read these by name, and the sections by the table of elements. */
export type TravellerChangeJson = z.infer<z.ZodObject<typeof writtenHead>> &
  Readonly<Record<string, unknown>>;

export const newTravellerSchema: z.ZodType<TravellerChangeJson & { username: string }> = z
  .strictObject({ ...writtenSections, ...writtenHead, username })
  .meta({ id: 'NewTraveller', description: 'Without `id` one is made.', examples: [WRITTEN_EXAMPLE] });

export const travellerChangeSchema: z.ZodType<TravellerChangeJson> = z
  .strictObject({ ...writtenSections, ...writtenHead })
  .meta({
    id: 'TravellerChange',
    description: 'What is absent stays; `null` and `[]` clear; a list replaces the stored one whole.',
    examples: [WRITTEN_EXAMPLE],
  });

export const travellerQuery = z.strictObject({
  ...pageQuery,
  status: statusSchema.optional(),
  state: stateSchema.optional().meta({ description: 'How it stands with Concur: `sync.state`.' }),
});
export const eraseQuery = z.strictObject({ erase: flagSchema });
