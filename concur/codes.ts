/**
 * Concur's codes in words; the one place they are written down in code (docs/concur.md §1–§3).
 * SAP has moved meanings between versions of its documents: what happens is decided by a code's first
 * letter, the words are for people.
 */

/** Codes of an outcome. S: done. E: nothing was changed. W: the rest was written, this field was not. */
export const OUTCOME_CODES: Readonly<Record<string, string>> = {
  S001: 'done',
  E001: 'no access, or the element cannot be updated',
  E002: 'a required field is missing',
  E004: 'Concur could not decrypt a value',
  E007: 'the user named as the one who changes is not valid',
  E101: 'the traveller belongs to a restricted territory',
  E111: 'Concur could not create the core profile',
  W001: 'a value has characters that are not allowed',
  W002: 'a value is too short or too long',
  W003: 'a value that must exist in Concur (a rule class, an org unit, a user) was not found',
  W004: 'the value is used by somebody else in the company',
  W005: 'the login is used by somebody else',
  W006: 'a value is out of its range',
  W007: 'a required field is empty',
  W008: 'a list came without the mode of its update',
  W009: 'an account number is not valid',
  W010: 'a vendor code is not valid',
  W011: 'the field can only be read',
  W012: 'exactly one cell phone must be the primary one',
  W013: 'a custom field is not valid',
  W014: 'a range of dates is not valid',
  W015: 'a UUID is not well formed',
  W016: 'a list has too many elements, in all or of one type',
  W017: 'no access to the vendor',
  W018: 'data are invalid, or several rules are broken at once',
  W019: 'a verified e-mail address cannot be changed',
  W020: 'an e-mail address is not well formed',
  W022: 'Southwest tickets are no longer taken; they belong into the unused tickets',
  W023: 'an emergency phone is not valid',
  W024: 'a phone is not valid',
  W033: 'the rule class was not found',
  UNKNOWN: 'something unexpected that did not stop the rest',
};

/** Codes in the body of a 400. */
export const ACCESS_CODES: Readonly<Record<string, string>> = {
  EC1: 'Concur knows no such user',
  EC2: 'the token is not that of a company administrator, or belongs to another company',
  EC3: 'the token is not that of an agency administrator',
  EC4: 'the application is not set up for the travel configuration',
};

/** Our names for what Concur says in words only. First match counts. */
export const TEXT_CODES: readonly {
  readonly code: string;
  readonly pattern: RegExp;
  readonly words: string;
}[] = [
  { code: 'INVALID-USER', pattern: /\binvalid user\s*:/i, words: 'Concur knows no such user' },
  {
    code: 'SCHEMA',
    pattern: /there is an error in (the )?xml document/i,
    words: 'the document breaks the schema and was refused as a whole',
  },
  {
    code: 'LoginTaken',
    pattern: /login\s*id.*already in use/is,
    words: 'the login is used by somebody else',
  },
  {
    code: 'LOGIN-TOO-SHORT',
    pattern: /login id is not specified or is less than three/i,
    words: 'the login is missing or has fewer than three characters',
  },
  { code: 'NO-USER-TYPE', pattern: /without a user type/i, words: 'the user type is missing' },
  { code: 'NO-PASSWORD', pattern: /without a password/i, words: 'the password is missing' },
  { code: 'NO-COMPANY', pattern: /without a company id/i, words: 'the company id is missing' },
  {
    code: 'COMPANY-UNKNOWN',
    pattern: /company id.*does not exist/is,
    words: 'Concur knows no such company id',
  },
  { code: 'NO-LAST-NAME', pattern: /without a last name/i, words: 'the last name is missing' },
  { code: 'NO-FIRST-NAME', pattern: /without a first name/i, words: 'the first name is missing' },
  { code: 'DEADLOCK', pattern: /deadlock/i, words: 'Concur’s database was busy with the same record' },
  {
    code: 'LIMIT',
    pattern:
      /\btoo many (requests|calls)|\b(requests?|calls?|rate|quota|throttl\w*)\b[^.]{0,40}\b(limit\w*|exceed\w*)/i,
    words: 'Concur asks for fewer requests',
  },
  {
    code: 'CHUNKED',
    pattern: /transfer-encoding|chunked/i,
    words: 'the request arrived in chunks, which Concur does not take',
  },
];

/** What a token error asks for (docs/concur.md §1). */
export type TokenErrorClass = 'retry' | 'elsewhere' | 'new-request-token' | 'access' | 'configuration';

export interface TokenCode {
  readonly class: TokenErrorClass;
  readonly words: string;
  /** Of the class `access`: who has to act, as we read the code. */
  readonly party?: Party;
}

/** Who can lift a refusal that is not about our settings. */
export type Party = 'Concur' | 'client company';

const code = (cls: TokenErrorClass, words: string): TokenCode => ({ class: cls, words });
const access = (party: Party, words: string): TokenCode => ({ class: 'access', words, party });

/** `code` in the error body of the token endpoint. */
export const TOKEN_CODES: Readonly<Record<number, TokenCode>> = {
  5: code('new-request-token', 'the request token is wrong or expired (or the client secret is wrong)'),
  10: access('client company', 'the account is disabled'),
  11: access('client company', 'the account is disabled'),
  12: access('client company', 'the logon is denied'),
  13: access('client company', 'the logon is denied'),
  14: access('client company', 'the account is locked'),
  16: code('elsewhere', 'the company lives in another data centre'),
  19: code('new-request-token', 'the request token is wrong or expired (or the client secret is wrong)'),
  20: access('client company', 'our IP address is not allowed'),
  51: code('configuration', 'the company UUID was not sent'),
  52: code('configuration', 'the request token was not sent'),
  53: access('Concur', 'the company is not enabled for our application'),
  54: code('configuration', 'a scope was asked for that was not granted'),
  59: code('configuration', 'our application is disabled'),
  60: code('configuration', 'our application may not use this grant'),
  61: code('configuration', 'Concur knows no such client id'),
  62: code('configuration', 'the client id was not sent'),
  63: code('configuration', 'the client secret was not sent'),
  64: code('configuration', 'the client secret is wrong'),
  65: code('configuration', 'the kind of grant was not sent'),
  100: access('Concur', 'Concur knows no such company UUID'),
  105: code('new-request-token', 'the grant was issued to another application'),
  106: code('configuration', 'the refresh token was not sent'),
  107: code('configuration', 'our application may not refresh tokens'),
  108: code('new-request-token', 'the refresh token is not valid or has expired'),
  115: code('configuration', 'our application is not authenticated and gets no token'),
  120: code('configuration', 'our application is not set up for this request'),
  123: access('Concur', 'Concur does not grant access for the company'),
  134: code('retry', 'Concur is under maintenance'),
  135: code('configuration', 'our application is not set up for this request'),
  136: code('new-request-token', 'the token was issued for another application'),
};

/** A code in words; `undefined` for one that no document of SAP's names. */
export function wordsFor(name: string): string | undefined {
  return (
    OUTCOME_CODES[name] ??
    ACCESS_CODES[name] ??
    TEXT_CODES.find((candidate) => candidate.code === name)?.words
  );
}

/** A message of Concur's with what its code says. */
export function withWords<M extends { readonly code: string }>(message: M): M & { readonly words?: string } {
  const words = wordsFor(message.code);
  return { ...message, ...(words === undefined ? {} : { words }) };
}

/** Our code for what a text of Concur's says, or one of Concur's own codes standing in it. */
export function codeInText(text: string): string | undefined {
  return /\bEC[1-4]\b/.exec(text)?.[0] ?? TEXT_CODES.find(({ pattern }) => pattern.test(text))?.code;
}
