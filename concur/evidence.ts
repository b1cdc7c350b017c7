import { isSecretName, type KnownSecret, redact, REDACTED, withoutKnown } from './redact';

/** Characters of a body that are kept; a document of Concur's with every section has about 12,000. */
export const MAX_BODY_CHARACTERS = 16_384;
const MAX_HEADER_CHARACTERS = 1_000;
const MAX_HEADERS = 60;
const MAX_URL_CHARACTERS = 2_000;
/** What is searched by form, so that a huge answer holds up nobody. Twice: what is taken out makes room. */
const MAX_SEARCHED_CHARACTERS = 4 * MAX_BODY_CHARACTERS;
/** Shorter ones would be found in every other word. */
const SHORTEST_SECRET = 4;
/** SAP asks for these of the client id, and no more may leave (docs/concur.md §2). */
const CLIENT_ID_SHOWN = 6;

/**
 * What a support case shows of a call that failed: without tokens, secrets, passwords and card numbers, cut.
 * It may hold personal data: seal it where it is stored.
 */
export interface CallEvidence {
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: string;
  /** Absent where there was no answer. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Never throws: the journal must not fail a call. */
export function evidenceOf(
  request: Message & { readonly url: string },
  response: Message | undefined,
): CallEvidence {
  const known = secretsOf(request);
  const bodyOf = (text: string | undefined): string | undefined =>
    text === undefined || text === '' ? undefined : boundedBody(text, known);
  const [requestBody, responseBody] = [bodyOf(request.body), bodyOf(response?.body)];
  return {
    url: bounded(redact(request.url, known), MAX_URL_CHARACTERS),
    requestHeaders: headersOf(request.headers, known),
    ...(requestBody === undefined ? {} : { requestBody }),
    ...(response === undefined ? {} : { responseHeaders: headersOf(response.headers, known) }),
    ...(responseBody === undefined ? {} : { responseBody }),
  };
}

/** `…` and the last six characters: enough for SAP to find the application. */
export function clientIdTail(clientId: string): string {
  return `…${clientId.slice(-CLIENT_ID_SHOWN)}`;
}

/** What the request itself sends of secrets: an answer may quote it in any place. */
function secretsOf({ headers, body = '' }: Message): KnownSecret[] {
  const values = Object.entries(headers)
    .filter(([name]) => isSecretName(name))
    .flatMap(([, value]) => [value, value.replace(/^\w+\s+/, '')]);
  const form = /x-www-form-urlencoded/i.test(headers['content-type'] ?? '')
    ? [...new URLSearchParams(body)]
    : [];
  const named = [...form, ...elementsOf(body)].filter(([name]) => isSecretName(name));
  const clientIds = form.filter(([name]) => name === 'client_id').map(([, value]) => value);
  return [
    ...[...values, ...named.map(([, value]) => value)].map((value) => ({ value, shownAs: REDACTED })),
    ...clientIds.map((value) => ({ value, shownAs: clientIdTail(value) })),
  ].filter(({ value }) => value.length >= SHORTEST_SECRET);
}

const ELEMENT = /<(?:[\w.-]{1,64}:)?([\w.-]{1,64})(?:\s[^<>]*)?>([^<]+)</g;
const REFERENCES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function elementsOf(body: string): [name: string, value: string][] {
  return [...body.matchAll(ELEMENT)].map(([, name = '', value = '']) => [
    name,
    value.replace(/&(?:lt|gt|quot|apos|amp);/g, (reference) => REFERENCES[reference] ?? reference),
  ]);
}

function headersOf(
  headers: Readonly<Record<string, string>>,
  known: readonly KnownSecret[],
): Record<string, string> {
  const kept = Object.entries(headers).slice(0, MAX_HEADERS);
  return Object.fromEntries(
    kept.map(([name, value]) => [
      bounded(redact(name, known), MAX_HEADER_CHARACTERS),
      isSecretName(name) ? REDACTED : bounded(redact(value, known), MAX_HEADER_CHARACTERS),
    ]),
  );
}

function boundedBody(body: string, known: readonly KnownSecret[]): string {
  // A secret that the first cut would halve is found before it.
  const quoted = body.length > MAX_SEARCHED_CHARACTERS ? withoutKnown(body, known) : body;
  const redacted = redact(quoted.slice(0, MAX_SEARCHED_CHARACTERS), known);
  const shown = redacted.slice(0, MAX_BODY_CHARACTERS);
  const isWhole = shown.length === redacted.length && quoted.length <= MAX_SEARCHED_CHARACTERS;
  return isWhole ? shown : `${shown}\n[cut: the body had ${body.length} characters]`;
}

function bounded(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… [cut: ${text.length} characters]`;
}
