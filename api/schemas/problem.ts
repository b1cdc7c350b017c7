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
    requestId: z.string().meta({ description: 'Finds the request in the log.' }),
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
        requestId: 'req-17',
      },
    ],
  });
export type ProblemJson = z.infer<typeof problemSchema>;
