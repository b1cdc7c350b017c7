import {
  basesBeside,
  type CallRecord,
  type ConcurCards,
  createConcurCards,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
} from '../../../concur';
import { CARD_NUMBER_RULES, type CreditCard } from '../../../profile';
import { type ConcurSandbox, createConcurSandbox, GLOBAL_ORIGIN, SANDBOX_CLIENT } from '../../../sandbox';
import { inProcess } from '../engine/world';
import { aConnection, COMPANY_UUID, TokenStoreInMemory } from './tokens';

export const CARDHOLDER = 'traveller@example.test';

/**
 * A number that keeps to its vendor's rules and belongs to nobody: prefix, zeros, `n`, check digit.
 * @param n fewer than seven digits; different numbers for different `n`
 */
export function aCardNumber(vendor: string, n = 0, length?: number): string {
  const { lengths, prefixes } = CARD_NUMBER_RULES[vendor] ?? { lengths: [16], prefixes: [[9, 9]] };
  const prefix = String(prefixes[0]?.[0] ?? '');
  const most = (length ?? lengths[0] ?? 16) - 1;
  const digits = prefix + String(n).padStart(most - prefix.length, '0');
  return digits + checkDigit(digits);
}

/** The digit behind `digits` that completes a Luhn sum, found by trying. */
function checkDigit(digits: string): string {
  const fits = (candidate: string): boolean => {
    const values = [...candidate].reverse().map((digit, at) => Number(digit) * (at % 2 === 0 ? 1 : 2));
    return (
      values.flatMap((value) => [...String(value)]).reduce((sum, digit) => sum + Number(digit), 0) % 10 === 0
    );
  };
  return '0123456789'.split('').find((digit) => fits(digits + digit)) ?? '0';
}

/** The same number with a wrong check digit. */
export function mistyped(number: string): string {
  return number.slice(0, -1) + String((Number(number.slice(-1)) + 1) % 10);
}

/** A complete card; what is passed comes on top. */
export function aCard(changes: CreditCard = {}, n = 0): CreditCard & { vendor: string; accountNo: string } {
  const vendor = changes.vendor ?? 'Visa';
  return {
    displayName: `Card ${n}`,
    expDate: '2029-05',
    nameOnCard: 'Test Traveller',
    usageType: 'Business',
    billingAddress: { streetAddress: '1 Test Street', city: 'Testville', country: 'US', zipCode: '00000' },
    segments: [
      { type: 'Air', default: false },
      { type: 'Hotel', default: false },
    ],
    accountNo: aCardNumber(vendor, n),
    ...changes,
    vendor,
  };
}

export interface CardsWorld {
  readonly sandbox: ConcurSandbox;
  readonly cards: ConcurCards;
  readonly journal: CallRecord[];
  /** What the sandbox has now, numbers in plain. */
  stored(): readonly unknown[];
  kinds(): readonly string[];
}

export interface CardsWorldOptions {
  readonly cards?: readonly CreditCard[];
  readonly scopes?: readonly string[];
  /** What the client is told of its scopes; default: nothing. */
  readonly known?: readonly string[];
}

/** The client of cards against the sandbox in this process, with one traveller. */
export async function aCardsWorld(options: CardsWorldOptions = {}): Promise<CardsWorld> {
  const time = new Date('2026-08-01T12:00:00Z');
  const now = (): Date => time;
  const sandbox = createConcurSandbox({ now: () => time.getTime(), sleep: () => Promise.resolve() });
  const { scopes } = options;
  sandbox.admin.putCompany({
    companyUuid: COMPANY_UUID,
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
  });
  sandbox.admin.seedProfile({ companyUuid: COMPANY_UUID, loginId: CARDHOLDER });
  sandbox.admin.seedCards(CARDHOLDER, options.cards ?? []);
  const journal: CallRecord[] = [];
  let ids = 0;
  const newId = () => `00000000-0000-4000-9000-${String((ids += 1)).padStart(12, '0')}`;
  const gate = createOriginGate([]);
  const delays = { unavailableDelayMs: 300_000, retryBaseMs: 1_000 };
  const send = createSend({
    gate,
    transport: inProcess(sandbox),
    now,
    newId,
    timeoutMs: 60_000,
    ...delays,
    onCall: (record) => journal.push(record),
  });
  const connection = createConnection({
    entityId: 'example',
    tokenStore: new TokenStoreInMemory(aConnection()),
    oauth: createOAuth({
      send,
      gate,
      now,
      ...SANDBOX_CLIENT,
      authUrl: GLOBAL_ORIGIN,
      otherBases: basesBeside(GLOBAL_ORIGIN, []),
      delays,
    }),
    now,
    sleep: () => Promise.resolve(),
    newId,
    timeoutMs: 60_000,
  });
  await connection.exchange(sandbox.admin.issueRequestToken(COMPANY_UUID).requestToken);
  return {
    sandbox,
    cards: createConcurCards({
      connection,
      send,
      delays,
      grantedScopes: () => Promise.resolve(options.known),
    }),
    journal,
    stored: () => sandbox.admin.cards(CARDHOLDER),
    kinds: () => sandbox.admin.violations.map(({ kind }) => kind),
  };
}
