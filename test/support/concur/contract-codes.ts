/**
 * Concur's codes as SAP's documents list them, written down once more and by hand, so that the tables of the
 * product are compared with something that does not come from them.
 */

/** What a refused token asks for. */
export type TokenRule =
  | 'again by itself'
  | 'once at another data centre'
  | 'a new request token'
  | 'Concur or the client company'
  | 'our configuration'
  | 'nobody knows';

const TOKEN_LISTS: readonly (readonly [TokenRule, readonly number[]])[] = [
  ['again by itself', [134]],
  ['once at another data centre', [16]],
  ['a new request token', [108, 105, 136, 5, 19]],
  ['Concur or the client company', [10, 11, 12, 13, 14, 20, 53, 100, 123]],
  ['our configuration', [51, 52, 54, 59, 60, 61, 62, 63, 64, 65, 106, 107, 115, 120, 135]],
];

/** Every code of the token endpoint. */
export const TOKEN_RULES: ReadonlyMap<number, TokenRule> = new Map(
  TOKEN_LISTS.flatMap(([rule, codes]) => codes.map((code) => [code, rule] as const)),
);

export type OutcomeRule = 'done' | 'nothing is written' | 'all but the field is written';

const OUTCOME_LISTS: readonly (readonly [OutcomeRule, string])[] = [
  ['done', 'S001'],
  ['nothing is written', 'E001 E002 E004 E007 E101 E111'],
  [
    'all but the field is written',
    'W001 W002 W003 W004 W005 W006 W007 W008 W009 W010 W011 W012 W013 W014 W015 W016 W017 W018 W019 W020 ' +
      'W022 W023 W024 W033 UNKNOWN',
  ],
];

/** Every code of an outcome. */
export const OUTCOME_RULES: ReadonlyMap<string, OutcomeRule> = new Map(
  OUTCOME_LISTS.flatMap(([rule, codes]) => codes.split(' ').map((code) => [code, rule] as const)),
);

/** Who is asked when a call, not a record, is refused; or what becomes of the record. */
export type RefusalRule =
  | 'nobody is found'
  | 'the traveller is quarantined'
  | 'again by itself'
  | 'Concur or the client company'
  | 'our configuration';

/** The codes of a 400. */
export const ACCESS_RULES: ReadonlyMap<string, RefusalRule> = new Map([
  ['EC1', 'nobody is found'],
  ['EC2', 'Concur or the client company'],
  ['EC3', 'Concur or the client company'],
  ['EC4', 'our configuration'],
]);

export interface TextRule {
  /** A text of the kind that Concur answers; made up, and so is who it names. */
  readonly says: string;
  /** Our name for it. */
  readonly name: string;
  readonly rule: RefusalRule;
}

/** What Concur says without a code. */
export const TEXT_RULES: readonly TextRule[] = [
  {
    says: 'Invalid User:somebody@example.test',
    name: 'INVALID-USER',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'There is an error in XML document (1, 2).',
    name: 'SCHEMA',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user because the Login Id: "somebody@example.test" is already in use.',
    name: 'LoginTaken',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user because either Login Id is not specified or is less than three characters.',
    name: 'LOGIN-TOO-SHORT',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user without a User Type.',
    name: 'NO-USER-TYPE',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user without a Password.',
    name: 'NO-PASSWORD',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user without a Company Id.',
    name: 'NO-COMPANY',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user because the Company Id: "1" does not exist.',
    name: 'COMPANY-UNKNOWN',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user without a Last Name.',
    name: 'NO-LAST-NAME',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Could not create a new user without a First Name.',
    name: 'NO-FIRST-NAME',
    rule: 'the traveller is quarantined',
  },
  {
    says: 'Transaction was deadlocked on lock resources with another process.',
    name: 'DEADLOCK',
    rule: 'again by itself',
  },
  { says: 'The limit of requests was exceeded.', name: 'LIMIT', rule: 'again by itself' },
  {
    says: 'Transfer-Encoding: chunked is not supported.',
    name: 'CHUNKED',
    rule: 'our configuration',
  },
];
