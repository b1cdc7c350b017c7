import { z } from 'zod';
import { behaviourOverridesSchema } from './behaviour';

/** Scopes of a Travel Profile application (docs/concur.md §1). */
export const ALL_SCOPES = [
  'openid',
  'user.read',
  'company.read',
  'user_read',
  'FOP',
  'GHOST',
  'TRVPRF',
  'PASSV',
  'EMERG',
  'TSAI',
  'TMCSP',
  'MEDIC',
  'UNUTX',
  'USER',
  'NOTIF',
  'COMPD',
  'COMPANY',
] as const;

export const DEFAULT_RULE_CLASS = 'Default Travel Class';

const names = z.array(z.string().min(1));

/** A client company of the simulated Concur, as `POST /_admin/companies` takes it; what is absent has a default. */
export const companyInputSchema = z.strictObject({
  companyUuid: z
    .string()
    .min(1)
    .optional()
    .describe('absent: a new one is made; known: what is named changes'),
  name: z.string().min(1).optional(),
  companyId: z.string().min(1).optional(),
  travelConfigIds: names.min(1).optional(),
  ruleClasses: names.min(1).optional().describe('the first is the default'),
  customFields: z
    .union([z.literal('any'), names])
    .optional()
    .describe('names that are configured'),
  scopes: names.optional().describe('granted with each token'),
  dataCentre: z.string().min(1).optional().describe('absent: the first'),
  agencyNumber: z.string().optional(),
  enabled: z.boolean().optional().describe('false: not enabled for this client (code 53)'),
  behaviour: behaviourOverridesSchema.optional(),
});
export type CompanyInput = Readonly<z.input<typeof companyInputSchema>>;

export const companySchema = companyInputSchema
  .required({
    companyUuid: true,
    name: true,
    companyId: true,
    travelConfigIds: true,
    ruleClasses: true,
    customFields: true,
    scopes: true,
    dataCentre: true,
    enabled: true,
    behaviour: true,
  })
  .extend({
    /** Data centres that a grant ever named to the client: a token may have been sent to any of them. */
    toldDataCentres: names,
  });
export type Company = Readonly<z.output<typeof companySchema>>;

const DEFAULTS = {
  name: 'Simulated Company',
  companyId: 'SIM-COMPANY',
  travelConfigIds: ['1000'],
  ruleClasses: [DEFAULT_RULE_CLASS],
  customFields: 'any',
  scopes: [...ALL_SCOPES],
  enabled: true,
  behaviour: {},
  toldDataCentres: [],
} as const;

function definedOnly(input: CompanyInput): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** @param assigned what is used where the input does not say */
export function newCompany(
  input: CompanyInput,
  assigned: { readonly companyUuid: string; readonly dataCentre: string },
): Company {
  return companySchema.parse({ ...DEFAULTS, ...assigned, ...definedOnly(input) });
}

/** The company with what the input names; overrides of the behaviour add up. */
export function changedCompany(known: Company, input: CompanyInput): Company {
  const behaviour = { ...known.behaviour, ...input.behaviour };
  return companySchema.parse({ ...known, ...definedOnly(input), companyUuid: known.companyUuid, behaviour });
}
