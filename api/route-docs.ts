import { z } from 'zod';
import { PROBLEM_TYPE } from './problem';
import { problemSchema } from './schemas/problem';

/** Groups of the documentation, in reading order. */
export const TAGS = {
  entities: 'Entities',
  connection: 'Connection',
  travellers: 'Travellers',
  migrations: 'Migrations',
  sync: 'Synchronisation',
  push: 'Push from Concur',
  trouble: 'Quarantine and conflicts',
  operations: 'Operations',
  keys: 'Keys',
  service: 'Service',
} as const;

const PROBLEM_WORDS = {
  400: 'The request cannot be read.',
  401: 'No API key, or one that is not known.',
  403: 'The key lacks a scope.',
  404: 'There is no such thing.',
  409: 'Forbidden in this stage or state; `code` says why.',
  412: 'If-Match names another version.',
  413: 'The body is too large.',
  422: 'Fields cannot be accepted; `errors` names each.',
  503: 'Not ready.',
} as const;

type ProblemStatus = keyof typeof PROBLEM_WORDS;

/** Responses that are problems, for a route's schema. */
export function problems(...statuses: readonly ProblemStatus[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: PROBLEM_WORDS[status], content: { [PROBLEM_TYPE]: { schema: problemSchema } } },
    ]),
  );
}

/** A response of JSON with its description. */
export function answer<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } };
}

/** A response without a body. */
export function noContent(description: string) {
  return { 204: z.null().meta({ description }) };
}

/** Routes that want a key. */
export const SECURED = [{ apiKey: [] }];
