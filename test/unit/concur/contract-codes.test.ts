import { ApplicationFailure } from '@temporalio/common';
import { toApplicationFailure } from '../../../activities/failures';
import {
  ACCESS_CODES,
  isConcurError,
  OUTCOME_CODES,
  TEXT_CODES,
  TOKEN_CODES,
  type TokenErrorClass,
  wordsFor,
} from '../../../concur';
import { troubleOf } from '../../../workflows/failures';
import {
  ACCESS_RULES,
  OUTCOME_RULES,
  TEXT_RULES,
  TOKEN_RULES,
  type TokenRule,
} from '../../support/concur/contract-codes';
import { aTokenWorld, TOKEN_ROWS, type TokenAct, tokenFailure } from '../../support/concur/token-rows';

const CLASSES: Readonly<Record<Exclude<TokenRule, 'nobody knows'>, TokenErrorClass>> = {
  'again by itself': 'retry',
  'once at another data centre': 'elsewhere',
  'a new request token': 'new-request-token',
  'Concur or the client company': 'access',
  'our configuration': 'configuration',
};

interface Consequence {
  readonly type: RegExp;
  readonly retried: boolean;
  readonly cause: string;
  /** Whose turn it is. */
  readonly says: RegExp;
}

const CONSEQUENCES: Readonly<Record<TokenRule, Consequence>> = {
  'again by itself': {
    type: /^Concur(Unavailable|Throttled|Timeout)$/,
    retried: true,
    cause: 'concur-down',
    says: /again|repeated/,
  },
  'once at another data centre': {
    type: /^AccessDenied$/,
    retried: false,
    cause: 'access',
    says: /^Concur has to act/,
  },
  'a new request token': {
    type: /^ReauthorisationRequired$/,
    retried: false,
    cause: 'authorisation',
    says: /^A new request token is needed .*Ask the customer’s Concur contact/,
  },
  'Concur or the client company': {
    type: /^AccessDenied$/,
    retried: false,
    cause: 'access',
    says: /^(Concur|The client company) has to act/,
  },
  'our configuration': {
    type: /^Misconfigured$/,
    retried: false,
    cause: 'configuration',
    says: /^Our settings are wrong/,
  },
  'nobody knows': {
    type: /^UnexpectedAnswer$/,
    retried: true,
    cause: 'data',
    says: /no document of SAP’s names.*correlation id/,
  },
};

const names = (record: Readonly<Record<string, unknown>>): string[] => Object.keys(record).sort();

describe('The tables of the product are those of SAP’s documents', () => {
  it('for the codes of the token endpoint, each in its class', () => {
    const classes = Object.entries(TOKEN_CODES).map(([code, known]) => [Number(code), known.class]);
    const wanted = [...TOKEN_RULES].map(([code, rule]) => [
      code,
      rule === 'nobody knows' ? undefined : CLASSES[rule],
    ]);
    expect(Object.fromEntries(classes)).toEqual(Object.fromEntries(wanted));
  });

  it('for the codes of an outcome, those of a 400 and the texts, no row more and none less', () => {
    expect(names(OUTCOME_CODES)).toEqual([...OUTCOME_RULES.keys()].sort());
    expect(names(ACCESS_CODES)).toEqual([...ACCESS_RULES.keys()].sort());
    expect(TEXT_CODES.map(({ code }) => code).sort()).toEqual(TEXT_RULES.map(({ name }) => name).sort());
  });

  it('and every row has words of its own kind, the token endpoint’s also a party where one has to act', () => {
    for (const code of [
      ...OUTCOME_RULES.keys(),
      ...ACCESS_RULES.keys(),
      ...TEXT_RULES.map(({ name }) => name),
    ])
      expect(wordsFor(code)).toMatch(/^[\w’ ,();-]{4,}$/);
    for (const { class: cls, words, party } of Object.values(TOKEN_CODES)) {
      expect(words.length).toBeGreaterThan(10);
      expect(party === undefined).toBe(cls !== 'access');
    }
  });
});

describe.each<TokenAct>(['exchange', 'renewal'])('A refused %s', (act) => {
  it.each(TOKEN_ROWS.map((row) => [row.name, row] as const))(
    'with %s is of its class for client, Temporal and lifecycle alike',
    async (_name, row) => {
      const wanted = CONSEQUENCES[row.rule];
      const concur = aTokenWorld(row);
      const failure = await tokenFailure(concur, act);
      if (!isConcurError(failure)) throw failure;
      expect(failure.name).toMatch(wanted.type);
      if (row.code !== undefined) expect(failure.oauthCode).toBe(row.code);
      expect(failure.correlationId).toMatch(/.{8}/);
      const translated = toApplicationFailure(failure);
      if (!(translated instanceof ApplicationFailure)) throw new Error('no failure of Temporal’s');
      expect(translated).toMatchObject({
        type: failure.name,
        nonRetryable: !wanted.retried,
        message: failure.message,
        details: [{ code: failure.code, correlationId: failure.correlationId }],
      });
      expect(translated.message).toMatch(wanted.says);
      if (row.code !== undefined && !wanted.retried) {
        expect(translated.message).toContain(`code ${row.code}: ${TOKEN_CODES[row.code]?.words ?? '?'}`);
      }
      expect(troubleOf(translated)).toEqual({
        cause: wanted.cause,
        code: failure.name,
        message: failure.message,
      });
    },
  );
});

it.each([
  ['HTTP 503', 300_000],
  ['HTTP 429', 30_000],
  ['no answer in time', 300_000],
])('%s waits as long as the rules, or Concur, say', async (name, milliseconds) => {
  const row = TOKEN_ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error('no such row');
  const failure = toApplicationFailure(await tokenFailure(aTokenWorld(row), 'renewal'));
  expect(failure).toMatchObject({ nextRetryDelay: milliseconds });
});

it('code 16 is repeated at every other data centre, once each, before anybody has to act', async () => {
  const row = TOKEN_ROWS.find(({ code }) => code === 16);
  if (row === undefined) throw new Error('no such row');
  const concur = aTokenWorld(row);
  await tokenFailure(concur, 'exchange');
  const tried = concur.world.seen.map(({ origin }) => origin);
  expect(tried.length).toBeGreaterThan(2);
  expect(new Set(tried).size).toBe(tried.length);
});
