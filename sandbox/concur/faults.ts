import { z } from 'zod';
import { type SeededRandom } from './random';
import { FUNCTION_NAMES, type FunctionName } from './types';

const rate = z.number().min(0).max(1).optional();

/** Share of the calls that meet each fault; together at most 1. */
export const faultRatesSchema = z
  .strictObject({
    http500: rate,
    http503: rate,
    http429: rate,
    resetBefore: rate.describe('nothing was done'),
    resetAfter: rate.describe('done, but the answer is lost'),
    slow: rate.describe('processed after slowMs'),
    slowAnswer: rate.describe('processed at once, answered after slowMs'),
    truncated: rate.describe('done, but the answer breaks off'),
  })
  .refine((rates) => Object.values(rates).reduce<number>((sum, each) => sum + (each ?? 0), 0) <= 1, {
    message: 'the rates of one function together must not exceed 1',
  });

export const faultsSchema = z.strictObject({
  rates: z
    .partialRecord(z.enum([...FUNCTION_NAMES, '*']), faultRatesSchema)
    .optional()
    .describe('by function; * is for those not named; replaces all rates set before'),
  slowMs: z.number().int().nonnegative().optional(),
  retryAfterSeconds: z.number().int().positive().optional(),
  seed: z.union([z.string(), z.number()]).optional().describe('starts the sequence of faults again'),
});

export type FaultRates = Readonly<z.output<typeof faultRatesSchema>>;
export type FaultSettings = Readonly<z.output<typeof faultsSchema>>;
export type FaultKind = keyof z.output<typeof faultRatesSchema>;

const KINDS = [
  'http500',
  'http503',
  'http429',
  'resetBefore',
  'resetAfter',
  'slow',
  'slowAnswer',
  'truncated',
] as const satisfies readonly FaultKind[];

/** Faults that come by chance, in a sequence that the seed fixes. */
export class Faults {
  private rates: FaultSettings['rates'] = {};
  slowMs = 1_000;
  retryAfterSeconds = 1;

  constructor(private readonly random: SeededRandom) {}

  configure(settings: FaultSettings, seedOf: (seed: string | number) => number): void {
    if (settings.rates !== undefined) this.rates = settings.rates;
    this.slowMs = settings.slowMs ?? this.slowMs;
    this.retryAfterSeconds = settings.retryAfterSeconds ?? this.retryAfterSeconds;
    if (settings.seed !== undefined) this.random.restore(seedOf(settings.seed));
  }

  get settings(): FaultSettings {
    return { rates: this.rates, slowMs: this.slowMs, retryAfterSeconds: this.retryAfterSeconds };
  }

  reset(): void {
    this.rates = {};
  }

  /** One draw per call of a function that has rates. */
  draw(name: FunctionName): FaultKind | undefined {
    const rates = this.rates?.[name] ?? this.rates?.['*'];
    if (rates === undefined) return undefined;
    let left = this.random.next();
    for (const kind of KINDS) {
      left -= rates[kind] ?? 0;
      if (left < 0) return kind;
    }
    return undefined;
  }
}
