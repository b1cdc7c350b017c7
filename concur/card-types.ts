import {
  type CardFinding,
  type CardName,
  type CardRef,
  type CreditCard,
  type CreditCardContent,
} from '../profile';
import { type AnswerInfo, type ProfileId, type WriteWarning } from './types';
import { type CardDocument } from './xml';

/**
 * A card to add, or what is to change of one that Concur has. What is absent stays, `null` clears; segments
 * are joined by type, `[]` clears them all.
 */
export type CardChange = Omit<CreditCardContent, 'vendor' | 'accountNo'> & CardRef;

/** What is to happen to a traveller's cards; every card that it does not name stays. */
export interface CardsChange {
  readonly put?: readonly CardChange[];
  readonly remove?: readonly CardRef[];
}

export interface CardsRead extends AnswerInfo, CardDocument {}

/** A card or change that was kept back because Concur would not take it; the other cards were sent. */
export interface WithheldCard extends CardFinding {
  readonly card: CardName;
}

/** Decided before sending; a removal that was sent and that Concur did not do is a difference (`still-there`). */
export interface CardNotRemoved {
  readonly card: CardName;
  /**
   * `not-removable`: no card would be left, and Concur takes no empty list. `company-card`: only Concur can.
   * `replacement-withheld`: another card of the same change was withheld, which may be meant to replace this
   * one. `not-found`: Concur has no such card.
   */
  readonly reason: 'not-removable' | 'company-card' | 'replacement-withheld' | 'not-found';
}

/** A card that is no longer the default of a segment because another one is. */
export interface DefaultMoved {
  readonly segment: string;
  readonly from: CardName;
  readonly to: CardName;
}

/** What a read after the write shows otherwise than was sent. Names of fields, never values. */
export interface CardDifference {
  /** Absent for `unknown-lost`. */
  readonly card?: CardName;
  /** `unknown-lost`: an element that the table does not know was there before and no longer is. */
  readonly kind: 'missing' | 'changed' | 'still-there' | 'unexpected' | 'unknown-lost';
  /** Names of Concur's schema. */
  readonly fields: readonly string[];
}

export interface CardsWriteResult extends AnswerInfo {
  /** False where Concur has everything already, or nothing of the change could be sent. */
  readonly sent: boolean;
  /** W-codes: the rest was written, these fields were not. */
  readonly warnings: readonly WriteWarning[];
  readonly withheld: readonly WithheldCard[];
  readonly notRemoved: readonly CardNotRemoved[];
  readonly defaultsMoved: readonly DefaultMoved[];
  readonly differences: readonly CardDifference[];
  /** As Concur shows them in the end. */
  readonly cards: readonly CreditCard[];
}

/** The form-of-payment calls for one entity (docs/concur.md §4); tokens are seen to inside. */
export interface ConcurCards {
  /** @returns undefined where Concur knows no such user */
  readCards(id: ProfileId): Promise<CardsRead | undefined>;
  writeCards(id: ProfileId, change: CardsChange): Promise<CardsWriteResult>;
  /**
   * The complete list that `writeCards` would send if these cards were shown. Calls nobody.
   * @throws CardsIncomplete
   */
  cardsToSend(shown: readonly CreditCard[], change: CardsChange): readonly CreditCardContent[];
}
