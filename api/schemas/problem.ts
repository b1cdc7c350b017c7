import { z } from 'zod';

const fieldErrorSchema = z.object({
  path: z.string().meta({ description: 'Where it stands, e.g. `addresses[0].city`.' }),
  code: z.string().meta({ description: 'Stable word, e.g. `required`, `unknown-property`.' }),
  message: z.string(),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** RFC 9457 with a stable code. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable: scripts may rely on it.' }),
    detail: z.string().meta({ description: 'What is wrong and what to do. Never holds values.' }),
    errors: z.array(fieldErrorSchema).readonly().optional(),
    instance: z.string().meta({ description: 'Ends with the id that the log has as `reqId`.' }),
  })
  .meta({
    id: 'Problem',
    description: 'An error (RFC 9457, `application/problem+json`).',
    examples: [
      {
        type: 'urn:concordance:problem:invalid',
        title: 'Unprocessable Entity',
        status: 422,
        code: 'invalid',
        detail: 'One field cannot be accepted; nothing was changed.',
        errors: [
          {
            path: 'general.firstname',
            code: 'unknown-property',
            message: 'is not known here; did you mean `firstName`?',
          },
        ],
        instance: 'urn:concordance:call:01J9ZK3V7Q',
      },
    ],
  });
export type ProblemJson = z.infer<typeof problemSchema>;
