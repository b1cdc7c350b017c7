/** Where a list goes on: ids greater than `cursor`, at most `limit` of them (1–500). */
export interface PageQuery {
  readonly cursor?: string;
  readonly limit: number;
}

/** One page of a list, ordered by id; `nextCursor` is absent at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** The instant a write is booked at: of the database's clock nothing is asked but how long a refresh lease lasts. */
export interface At {
  readonly now: Date;
}

type OptionalKey<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];

/** A partial change: what is absent stays, `null` clears an optional field. */
export type ChangeOf<T> = {
  readonly [K in keyof T]?: K extends OptionalKey<T> ? Exclude<T[K], undefined> | null : T[K];
};
