import { tokenOf, type Value } from './elements';

export type Side = 'hub' | 'concur';

/** Somebody set one element of one person on one side, or cleared it. */
export interface Edit {
  readonly index: number;
  readonly person: number;
  readonly element: number;
  readonly side: Side;
  readonly value: Value;
  /** Edits whose value the side showed when this one was made: it knew of them. */
  readonly parents: readonly number[];
  /** Made in Concur between our read and our write of the same unit (docs/architecture.md, "The limit"). */
  exposed: boolean;
  /** Of the hub: edits there were when it was written to Concur, so that later ones in Concur followed it. */
  sentAt?: number;
  /** Of the hub: it was written, but the run that wrote it ended without storing that. */
  unanswered?: boolean;
}

/**
 * Who set or cleared what, written down when it is done and never asked of the engine. A token stands at one
 * edit only, so a value names the edit it comes from; a clear, or the word of a status, may be any of several.
 */
export class Ledger {
  readonly edits: Edit[] = [];
  private tokens = 0;

  token(person: number): string {
    this.tokens += 1;
    return tokenOf(person, this.tokens);
  }

  /** @param shown what the side showed before */
  note(person: number, element: number, side: Side, value: Value, shown: Value): void {
    const parents = this.of(person, element).filter((edit) => edit.value === shown);
    const index = this.edits.length;
    this.edits.push({
      index,
      person,
      element,
      side,
      value,
      parents: parents.map((edit) => edit.index),
      exposed: false,
    });
  }

  of(person: number, element: number): Edit[] {
    return this.edits.filter((edit) => edit.person === person && edit.element === element);
  }

  /** Whether whoever made `later` knew of `earlier`. */
  isKnownTo(earlier: Edit, later: Edit): boolean {
    if (earlier.sentAt !== undefined && later.side === 'concur' && later.index >= earlier.sentAt) return true;
    const seen = new Set<number>();
    const open = [...later.parents];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (index === earlier.index) return true;
      if (seen.has(index)) continue;
      seen.add(index);
      open.push(...(this.edits[index]?.parents ?? []));
    }
    return false;
  }
}
