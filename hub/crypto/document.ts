import { type ProfileSections } from '../../profile';
import { asProfileSections, isJsonObject, type JsonObject, mapLeaves } from '../sections';
import { type Image } from '../types';
import { type EntityKey } from './entity-key';
import { type Place } from './sealed-text';

/** Sections as they are stored: every sensitive leaf is a `SealedLeaf`. */
export type StoredSections = JsonObject;
export interface StoredImage {
  readonly status: Image['status'];
  readonly sections: StoredSections;
}

/** `h` is an HMAC of field and value: equal values of one field are recognised without opening them. */
interface SealedLeaf {
  readonly $sealed: string;
  readonly h: string;
}

/**
 * The sealed leaves of documents that were opened: one whose value is the same still is stored as it was, and
 * not sealed anew. Holds plain values: it lives no longer than the transaction that opened them.
 */
export class KnownSeals {
  readonly #leaves = new Map<string, SealedLeaf>();

  note(place: Place, path: string, text: string, leaf: SealedLeaf): void {
    this.#leaves.set(nameOf(place, path, text), leaf);
  }

  find(place: Place, path: string, text: string): SealedLeaf | undefined {
    return this.#leaves.get(nameOf(place, path, text));
  }
}

/** No part but the last can hold a line break. */
function nameOf(place: Place, path: string, text: string): string {
  return `${place.join('\n')}\n${path}\n${text}`;
}

/**
 * @param place table, row and column of the document; each leaf adds its field to it
 * @param known of the same entity
 */
export function sealDocument(
  key: EntityKey,
  place: Place,
  sections: ProfileSections,
  known?: KnownSeals,
): StoredSections {
  return mapLeaves(sections, (value, leaf, path) => {
    if (leaf.sensitive !== true) return value;
    const text = JSON.stringify(value);
    const before = known?.find(place, path, text);
    if (before !== undefined) return before;
    const sealed: SealedLeaf = { $sealed: key.seal([...place, path], text), h: key.shortHash(path + text) };
    return sealed;
  });
}

/**
 * Opens whatever is sealed, also in a field that the table no longer calls sensitive.
 * @throws SealBroken, KeyMissing, StoredDataInvalid
 */
export function openDocument(
  key: EntityKey,
  place: Place,
  stored: StoredSections,
  known?: KnownSeals,
): ProfileSections {
  const opened = mapLeaves(stored, (value, _leaf, path): unknown => {
    if (!isSealedLeaf(value)) return value;
    const text = key.open([...place, path], value.$sealed);
    known?.note(place, path, text, value);
    return JSON.parse(text);
  });
  return asProfileSections(opened, place.join('/'));
}

function isSealedLeaf(value: unknown): value is SealedLeaf {
  return isJsonObject(value) && typeof value['$sealed'] === 'string';
}
