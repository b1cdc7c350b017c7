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

/** @param place table, row and column of the document; each leaf adds its field to it */
export function sealDocument(key: EntityKey, place: Place, sections: ProfileSections): StoredSections {
  return mapLeaves(sections, (value, leaf, path) => {
    if (leaf.sensitive !== true) return value;
    const text = JSON.stringify(value);
    const sealed: SealedLeaf = { $sealed: key.seal([...place, path], text), h: key.shortHash(path + text) };
    return sealed;
  });
}

/**
 * Opens whatever is sealed, also in a field that the table no longer calls sensitive.
 * @throws SealBroken, KeyMissing, StoredDataInvalid
 */
export function openDocument(key: EntityKey, place: Place, stored: StoredSections): ProfileSections {
  const opened = mapLeaves(stored, (value, _leaf, path) =>
    isSealedLeaf(value) ? key.openJson([...place, path], value.$sealed) : value,
  );
  return asProfileSections(opened, place.join('/'));
}

function isSealedLeaf(value: unknown): value is SealedLeaf {
  return isJsonObject(value) && typeof value['$sealed'] === 'string';
}
