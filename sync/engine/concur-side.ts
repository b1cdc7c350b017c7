import { type ConcurProfile, type ProfileRead } from '../../concur/types';
import { type Entity } from '../../hub/types';
import { type CreditCard, isCompanyCard, isMaskedNumber } from '../../profile';
import { showsCards } from '../model/visibility';
import { type ClassifiedFailure, isClassified, RecordFailure } from './failures';
import { type BoundTo, findProfile } from './identity';
import { type EngineDeps } from './ports';

/** A profile, and the cards where they were looked at: without them they count as they were last seen. */
export interface SeenProfile extends ConcurProfile {
  readonly cards?: readonly CreditCard[];
}

/** What Concur holds of one traveller. */
export interface ConcurSide extends ProfileRead {
  readonly profile: SeenProfile;
  /** Why the cards should be in `profile` and are not. */
  readonly cardsFailure?: ClassifiedFailure;
}

/**
 * The complete Concur side of a traveller: the profile it is bound to, and its cards where the entity may see
 * them (docs/decisions/0020). For everybody who compares: `imageOfProfile` makes an image of it. A read of the
 * cards that fails leaves the profile as it is.
 * @returns undefined when the traveller is not bound
 * @throws RecordFailure `IdentityChanged` or `ProfileMissing`; failures that concern more than this traveller
 */
export async function readConcurSide(
  deps: EngineDeps,
  entity: Entity,
  bound: BoundTo,
): Promise<ConcurSide | undefined> {
  const read = await findProfile(deps, bound);
  return read === undefined ? undefined : withCards(deps, entity, read);
}

/** True where a profile has cards that can be read: not in Travel Profile v1, not without the scope FOP. */
export function readsCards(entity: Entity, { apiVersion }: ConcurProfile): boolean {
  return entity.apiVersion !== 1 && apiVersion !== 1 && showsCards(entity.scopes);
}

/**
 * A profile with its cards: one more call, where there are any to be seen.
 * @throws failures that concern more than this traveller's cards
 */
export async function withCards(deps: EngineDeps, entity: Entity, read: ProfileRead): Promise<ConcurSide> {
  if (!readsCards(entity, read.profile)) return read;
  try {
    return { ...read, profile: { ...read.profile, cards: await readCards(deps, read) } };
  } catch (error) {
    return { ...read, cardsFailure: aboutCards(error) };
  }
}

async function readCards(deps: EngineDeps, { profile }: ProfileRead): Promise<readonly CreditCard[]> {
  const shown = await deps.cards.readCards({ type: 'login', value: profile.loginId });
  if (shown === undefined) {
    throw new RecordFailure(
      'CardsNotShown',
      'Concur shows the profile but knows no such user where it is asked for the cards. They are read again later.',
    );
  }
  const details = shown.correlationId === undefined ? {} : { correlationId: shown.correlationId };
  if (shown.loginId.toLowerCase() !== profile.loginId.toLowerCase()) {
    throw new RecordFailure(
      'IdentityChanged',
      'Concur shows the cards of another login than the one that was asked for. Nothing of them was used.',
      details,
    );
  }
  if (shown.cards.some(isIncomplete)) {
    throw new RecordFailure(
      'CardsIncomplete',
      'Concur does not show vendor and full number of every card, so the cards stay as they were last seen. Ask Concur whether the application may see whole numbers, or let the traveller correct the card in Concur.',
      details,
    );
  }
  return shown.cards;
}

/** Without its whole number nobody can tell which card it is. */
function isIncomplete(card: CreditCard): boolean {
  if (isCompanyCard(card)) return false;
  return (card.vendor ?? '') === '' || (card.accountNo ?? '') === '' || isMaskedNumber(card);
}

/**
 * A failure of a card call as one of these cards alone; a missing scope is, too: the profiles go on.
 * @throws the failure itself where it concerns more
 */
export function aboutCards(error: unknown): ClassifiedFailure {
  if (!isClassified(error)) throw error;
  if (error.code === SCOPE_MISSING) {
    const { correlationId } = error;
    return new RecordFailure(
      SCOPE_MISSING,
      error.message,
      correlationId === undefined ? {} : { correlationId },
    );
  }
  if (error.failureClass === 'person') throw error;
  return error;
}

const SCOPE_MISSING = 'ScopeMissing';

/** Whether a later look may find what this one did not, without anybody having done something. */
export function mayPassByItself(failure: ClassifiedFailure): boolean {
  return failure.code !== 'CardsIncomplete';
}
