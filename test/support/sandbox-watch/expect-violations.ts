import { z } from 'zod';
import { type SandboxAdmin, type Violation, type ViolationKind } from '../../../sandbox';
import { watch } from './watch';

/**
 * Says that these violations were provoked on purpose, in this order, since the last time it was said of this
 * sandbox. Every other one fails the test. Before a reset, which forgets them.
 * @returns the violations
 */
export function expectViolations(
  admin: Pick<SandboxAdmin, 'violations'>,
  kinds: readonly ViolationKind[],
): readonly Violation[] {
  const fresh = admin.violations.filter((violation) => !watch.isExpected(violation));
  expect(fresh.map(({ kind }) => kind)).toEqual(kinds);
  watch.expectThese(fresh);
  return fresh;
}

const counters = z.record(z.string(), z.record(z.string(), z.unknown()));
const violations = z.object({
  violations: z.array(z.looseObject({ kind: z.string(), function: z.string(), detail: z.string() })),
  clears: z.array(z.unknown()),
});

/**
 * Asks a sandbox in another process, before it ends, what it saw: any violation fails the test.
 * @param base its address
 */
export async function judgeSandboxAt(base: string): Promise<void> {
  const ask = async (what: string): Promise<unknown> => (await fetch(`${base}/_admin/${what}`)).json();
  const counted = counters.parse(await ask('counters'));
  const seen = violations.parse(await ask('violations')).violations;
  watch.noteElsewhere(
    Object.values(counted)
      .flatMap((outcomes) => Object.entries(outcomes))
      .reduce((sum, [outcome, n]) => sum + (outcome.startsWith('code:') ? 0 : Number(n)), 0),
    seen.map(({ kind, function: name, detail }) => `${kind} by ${name}: ${detail}`),
  );
  watch.judge();
}
