import { type CreditCardContent } from '../../profile';
import { type WritePlan } from '../model/plan';
import { type SeenProfile } from './concur-side';
import { type EngineDeps } from './ports';

/**
 * The complete list of cards that a plan would send, for those who approve it.
 * @throws the client's CardsIncomplete
 */
export function cardsOf(
  deps: EngineDeps,
  { profile }: { readonly profile: Pick<SeenProfile, 'cards'> },
  { cards }: Pick<WritePlan, 'cards'>,
): { readonly cards?: readonly CreditCardContent[] } {
  return cards === undefined ? {} : { cards: deps.cards.cardsToSend(profile.cards ?? [], cards) };
}
