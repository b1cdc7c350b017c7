import { z } from 'zod';

/** What the bench and the process of the simulated Concur say to each other, as JSON over Node's IPC. */

const companyUuid = z.string();

export const commandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('company'), companyUuid, travelConfigId: z.string() }),
  z.object({ kind: z.literal('token'), companyUuid }),
  /** Puts the people `from` … `from + count - 1` into the company, with the logins of `loginOf`. */
  z.object({
    kind: z.literal('seed'),
    companyUuid,
    from: z.number().int().default(0),
    count: z.number().int(),
    jobTitle: z.string(),
  }),
  /** As a user at Concur's screen: every profile of the company gets this job title. */
  z.object({ kind: z.literal('edit-all'), companyUuid, jobTitle: z.string() }),
  z.object({ kind: z.literal('census'), companyUuid }),
  /** Companies, profiles and tokens go. */
  z.object({ kind: z.literal('clear') }),
  z.object({ kind: z.literal('cpu') }),
  /** Each call is taken up this much after it came, milliseconds: the way to Concur and back. */
  z.object({ kind: z.literal('delay'), milliseconds: z.number().int().nonnegative() }),
  /** The latest calls that wrote a profile. */
  z.object({ kind: z.literal('writes') }),
]);
export type Command = z.infer<typeof commandSchema>;
/** As it is sent. */
export type CommandInput = z.input<typeof commandSchema>;

export const answerSchemas = {
  company: z.object({}),
  token: z.object({ requestToken: z.string() }),
  seed: z.object({}),
  'edit-all': z.object({ edited: z.number() }),
  census: z.object({ profiles: z.number(), violations: z.array(z.string()) }),
  clear: z.object({}),
  cpu: z.object({ seconds: z.number() }),
  delay: z.object({}),
  writes: z.object({ writes: z.array(z.object({ id: z.string(), login: z.string(), at: z.number() })) }),
} as const satisfies Record<Command['kind'], z.ZodType>;
export type AnswerTo<K extends Command['kind']> = z.infer<(typeof answerSchemas)[K]>;
export type CommandAnswer = AnswerTo<Command['kind']>;

export const requestSchema = z.object({ id: z.number(), command: commandSchema });

/** The first message: the server listens. */
export const readySchema = z.object({
  authUrl: z.string(),
  origins: z.array(z.string()),
  clientId: z.string(),
  clientSecret: z.string(),
});
export type SandboxAddress = z.infer<typeof readySchema>;

export const replySchema = z.union([
  z.object({ ready: readySchema }),
  z.object({ id: z.number(), answer: z.unknown() }),
  z.object({ id: z.number(), error: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;
