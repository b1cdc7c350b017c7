import { type Page } from '../hub';

export interface PageJson<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** A page as the API shows it: `nextCursor` is null at the end. */
export function pageJson<R, T>(page: Page<R>, toJson: (row: R) => T): PageJson<T> {
  return { items: page.items.map(toJson), nextCursor: page.nextCursor ?? null };
}

/** Where a list goes on, without a cursor that is not there. */
export function pageQueryOf(query: { readonly cursor?: string | undefined; readonly limit: number }): {
  limit: number;
  cursor?: string;
} {
  return { limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
}

/** The same object without fields that are undefined: `exactOptionalPropertyTypes` tells the two apart. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: object = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return kept;
}

export function isoOrNull(instant: Date | undefined): string | null {
  return instant === undefined ? null : instant.toISOString();
}
