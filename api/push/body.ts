import { isUtf8 } from 'node:buffer';
import { Problem } from '../problem';

/**
 * What a push's bytes mean: JSON, or the fields of a form.
 * @throws Problem 400 `invalid-json` or `invalid-form`
 */
export function parsePushBody(contentType: string | undefined, body: Uint8Array): unknown {
  if (isForm(contentType)) {
    const text = decoded(body) ?? refuse('invalid-form', 'The form is not in UTF-8.');
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(decoded(body) ?? '');
  } catch {
    // What the parser says quotes the body.
    return refuse('invalid-json', 'The body is not valid JSON in UTF-8.');
  }
}

export function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '');
}

function decoded(body: Uint8Array): string | undefined {
  return isUtf8(body) ? Buffer.from(body).toString('utf8') : undefined;
}

function refuse(code: string, detail: string): never {
  throw new Problem(400, code, detail);
}
