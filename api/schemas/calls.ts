import { z } from 'zod';
import { entityIdSchema, flagSchema, instantSchema, line, pageQuery, shownInstant } from './common';

export const callSchema = z
  .object({
    id: z.string(),
    entityId: z.string(),
    at: shownInstant,
    system: z.enum(['concur', 'amadeus-csx']),
    function: z.string().nullable(),
    method: z.string(),
    origin: z.string().nullable(),
    route: z.string().meta({ description: 'Path without values; addresses hold logins.' }),
    status: z.int().nullable().meta({ description: 'HTTP status; null where no answer came.' }),
    durationMs: z.int(),
    correlationId: z.string().nullable().meta({ description: 'Of the answer.' }),
    correlationIdSent: z.string().nullable().meta({ description: 'Of the request.' }),
    errorCode: z.string().nullable().meta({ description: 'Why it failed; null: it did not.' }),
    serverDate: shownInstant.nullable().meta({ description: 'What the other side’s clock said.' }),
  })
  .meta({ id: 'Call', description: 'One call to Concur.' });
export type CallJson = z.infer<typeof callSchema>;

export const callQuery = z.strictObject({
  ...pageQuery,
  entity: entityIdSchema.optional(),
  correlationId: line(200).optional().meta({ description: 'Sent or returned.' }),
  failed: flagSchema.meta({ description: '`true`: only calls that failed.' }),
  function: line(100).optional().meta({ description: 'E.g. `readProfile`.' }),
  since: instantSchema.optional(),
  until: instantSchema.optional(),
  order: z.enum(['asc', 'desc']).default('asc').meta({ description: '`desc`: the latest first.' }),
});

const headersSchema = z.record(z.string(), z.string()).nullable();

export const supportCaseSchema = z
  .object({
    callId: z.string(),
    application: z.string().nullable().meta({ description: 'CONCUR_APPLICATION_NAME.' }),
    clientId: z.string().nullable().meta({ description: '`…` and its last six characters.' }),
    correlationId: z.string().nullable(),
    correlationIdSent: z.string().nullable(),
    company: z.object({ name: z.string(), id: z.string().nullable(), uuid: z.string() }),
    entityId: z.string().nullable().meta({ description: 'Concur’s id of the entity.' }),
    hubEntityId: z.string(),
    travelConfigId: z.string(),
    user: z.string().nullable().meta({ description: 'Login or UUID that the call was about.' }),
    function: z.string().nullable(),
    at: shownInstant,
    serverDate: shownInstant.nullable(),
    durationMs: z.int(),
    status: z.int().nullable(),
    errorCode: z.string().nullable(),
    request: z.object({
      method: z.string(),
      url: z.string(),
      headers: headersSchema,
      body: z.string().nullable(),
    }),
    response: z.object({ headers: headersSchema, body: z.string().nullable() }).nullable(),
    bodies: z.enum(['kept', 'masked', 'not-kept', 'gone']).meta({
      description:
        'masked: your key lacks `sensitive`. not-kept: the call succeeded. gone: erased, or the key that sealed them is away.',
    }),
    text: z.string().meta({ description: 'All of it, to be pasted into the case.' }),
  })
  .meta({ id: 'SupportCase', description: 'What SAP’s support asks for about one call; without secrets.' });
export type SupportCaseJson = z.infer<typeof supportCaseSchema>;
