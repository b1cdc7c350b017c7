import { z } from 'zod';
import { profileOf } from './people';
import { cardProblem, isCardTree } from './tree';
import { type Tree } from './types';
import { type World } from './world';

/** Cards as they are kept: by the names of the table of cards. */
export const cardsSchema = z.array(
  z.unknown().transform((value, context): Tree => {
    if (isCardTree(value)) return value;
    context.addIssue({ code: 'custom', message: cardProblem(value) ?? 'does not fit the table of cards' });
    return z.NEVER;
  }),
);
export type CardSeeds = readonly unknown[];

/**
 * As a Concur user or the company's administrator would: no rule of the API is applied.
 * @param reference UUID or login
 */
export function seedCards(world: World, reference: string, cards: CardSeeds): readonly Tree[] {
  const profile = profileOf(world, reference);
  const parsed = cardsSchema.parse(cards);
  world.store.putProfile({
    ...profile,
    cards: parsed,
    modifiedAt: world.clock.nowWholeSeconds(),
    sequence: world.store.nextSequence(),
  });
  return parsed;
}
