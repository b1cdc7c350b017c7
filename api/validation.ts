import { type FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { type FieldError } from './schemas/problem';
import { suggest } from './suggest';

/** A request that does not fit its schema. Holds paths and codes, never values. */
export class InvalidRequest extends Error {
  constructor(
    readonly part: string,
    readonly errors: readonly FieldError[],
  ) {
    super('the request does not fit its schema');
    this.name = 'InvalidRequest';
  }
}

export function isInvalidRequest(error: unknown): error is InvalidRequest {
  return error instanceof InvalidRequest;
}

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    const errors = result.error.issues.flatMap((issue) => fieldErrors(schema, issue));
    return { error: new InvalidRequest(httpPart ?? 'body', errors) };
  };

function fieldErrors(schema: z.ZodType, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(shapeAt(schema, issue.path) ?? {});
    return issue.keys.map((key) => unknownProperty([...issue.path, key], key, known));
  }
  const code = codeOf(issue);
  return [{ path: pathText(issue.path), code, message: code === 'required' ? 'is required' : issue.message }];
}

const LONGEST_NAME = 60;

function unknownProperty(path: readonly PropertyKey[], key: string, known: readonly string[]): FieldError {
  const meant = suggest(key, known);
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
  return {
    path: pathText(path),
    code: 'unknown-property',
    message: `is not known here${hint}`,
  };
}

const CODES: Readonly<Partial<Record<z.core.$ZodIssue['code'], string>>> = {
  invalid_type: 'wrong-type',
  invalid_union: 'wrong-type',
  invalid_value: 'not-allowed',
  invalid_format: 'wrong-format',
  invalid_key: 'wrong-format',
  too_small: 'too-small',
  too_big: 'too-big',
};

/** A schema's own check names its code in `params.code`. */
function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') {
    const own: unknown = issue.params?.['code'];
    return typeof own === 'string' ? own : 'invalid';
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'required';
  return CODES[issue.code] ?? 'invalid';
}

/** `addresses[0].city` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, LONGEST_NAME)}`))
    .join('')
    .replace(/^\./, '');
}

/** Fields of the object that stands at the path, as far as the schema can tell. */
function shapeAt(
  schema: unknown,
  path: readonly PropertyKey[],
): Readonly<Record<string, unknown>> | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return shapeAt(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => shapeAt(option, path)).find((shape) => shape !== undefined);
  }
  const [step, ...rest] = path;
  if (schema instanceof z.ZodArray) return step === undefined ? undefined : shapeAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return undefined;
  const shape: Readonly<Record<string, unknown>> = schema.shape;
  return step === undefined ? shape : shapeAt(shape[String(step)], rest);
}
