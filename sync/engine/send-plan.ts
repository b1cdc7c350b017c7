import { type WriteWarning } from '../../concur/types';
import { TRAVELLER_ELEMENTS } from '../../profile';
import { writesProfile, type WritePlan } from '../model/plan';
import { aboutCards, type ConcurSide } from './concur-side';
import { type ClassifiedFailure, isRecordFailure } from './failures';
import { findProfile } from './identity';
import { type EngineDeps } from './ports';

export interface Sent {
  /** Concur's content as it is shown afterwards. */
  readonly after: ConcurSide;
  readonly warnings: readonly WriteWarning[];
  /** Why nothing is known of what became of the cards. */
  readonly cardsFailure?: ClassifiedFailure;
}

const CARDS_XML = TRAVELLER_ELEMENTS.cards.xml;

/**
 * Sends a plan: the profile and its read back, then the cards by their own read, merge, post and read back
 * (docs/decisions/0020). A crash between the two is found by the read that precedes the next attempt.
 * @param renewLease asked right before each write
 * @returns undefined when the lease was lost
 */
export async function sendPlan(
  deps: EngineDeps,
  before: ConcurSide,
  plan: WritePlan,
  renewLease: () => Promise<boolean>,
): Promise<Sent | undefined> {
  const { loginId, uuid, cards } = before.profile;
  let after = before;
  let warnings: readonly WriteWarning[] = [];
  if (writesProfile(plan)) {
    if (!(await renewLease())) return undefined;
    ({ warnings } = await deps.concur.writeProfile({
      action: 'Update',
      loginId,
      status: plan.status,
      sections: plan.sections,
    }));
    after = (await findProfile(deps, { login: loginId, uuid })) ?? before;
  }
  const withCards = (shown: ConcurSide['profile']['cards']): ConcurSide =>
    shown === undefined ? after : { ...after, profile: { ...after.profile, cards: shown } };
  if (plan.cards === undefined) return { after: withCards(cards), warnings };
  if (!(await renewLease())) return undefined;
  try {
    const id = { type: 'login', value: after.profile.loginId } as const;
    const result = await deps.cards.writeCards(id, plan.cards);
    const own = result.warnings.map((warning) => ({ ...warning, field: cardField(warning.field) }));
    return { after: withCards(result.cards), warnings: [...warnings, ...own] };
  } catch (error) {
    const cardsFailure = aboutCards(error);
    if (!isRecordFailure(cardsFailure)) throw error;
    return { after: withCards(undefined), warnings, cardsFailure };
  }
}

/** `CreditCard.AccountNo` → `CreditCards/AccountNo`: as all places of the cards are named. */
function cardField(field: string | undefined): string {
  const [, ...path] = (field ?? '').split('.');
  return [CARDS_XML, ...path].join('/');
}
