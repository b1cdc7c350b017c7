import { type At } from './paging';

/** Whom a push is about; texts as they came. */
export type PushSubject =
  /** Concur's company id or the company's UUID. */
  | { readonly by: 'company'; readonly id: string }
  /** A traveller that is bound already. */
  | { readonly by: 'login' | 'uuid' | 'xmlsyncid'; readonly id: string };

/** A poll that was asked for and stored as a request. */
export interface PollWish {
  /** When the wish before it was made; absent for the first. */
  readonly previousAt?: Date;
}

/**
 * What becomes of pushes (docs/concur.md §7): at most one wish per entity is open, from the push that makes it
 * until a poll begins. All others add nothing to it.
 */
export interface Pushes {
  /** Active entities that the push is about, in id order: several may belong to one company. */
  entitiesOf(subject: PushSubject): Promise<string[]>;
  /**
   * Opens the entity's wish and stores the request `requestId` of kind `poll`, in one statement. Undefined
   * when nothing had to be done: a wish is open, or the event was received before.
   */
  wishPoll(
    push: { readonly entityId: string; readonly requestId: string; readonly eventId?: string },
    at: At,
  ): Promise<PollWish | undefined>;
  /** Closes the wish. Call it before the poll reads anything: a push that comes later wishes anew. */
  pollBegins(entityId: string): Promise<void>;
  /** Forgets events received before that instant. */
  purgeReceipts(receivedBefore: Date): Promise<number>;
}
