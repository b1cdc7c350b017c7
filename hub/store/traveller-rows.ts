import { type Selectable } from 'kysely';
import { z } from 'zod';
import { type UnknownElement } from '../../profile';
import { imageText } from '../content';
import { type KnownSeals, openDocument, sealDocument } from '../crypto/document';
import { type EntityKey } from '../crypto/entity-key';
import { type TravellersTable } from '../db/schema';
import { type Traveller } from '../types';
import { type Columns, storable } from './support';

type Row = Omit<Selectable<TravellersTable>, 'content_hash' | 'erased_at'>;

const unknownElements = z.array(z.object({ path: z.string(), name: z.string(), value: z.string() }));

/** @throws SealBroken, KeyMissing, StoredDataInvalid */
export function toTraveller(key: EntityKey, row: Row, known?: KnownSeals): Traveller {
  return {
    entityId: row.entity_id,
    id: row.id,
    username: row.username,
    status: row.status,
    sections: openDocument(key, ['travellers', row.id, 'sections'], row.sections, known),
    unknown: openUnknown(key, row.id, row.unknown_elements),
    version: row.version,
    changedAt: row.changed_at,
    createdAt: row.created_at,
  };
}

export const TRAVELLER_COLUMNS = {
  entity_id: 'text',
  id: 'text',
  username: 'text',
  status: 'text',
  sections: 'jsonb',
  unknown_elements: 'text',
  content_hash: 'text',
  version: 'bigint',
  changed_at: 'timestamptz',
  created_at: 'timestamptz',
} as const satisfies Columns;

export function travellerRow(
  key: EntityKey,
  traveller: Traveller,
  known?: KnownSeals,
): Record<keyof typeof TRAVELLER_COLUMNS, unknown> {
  return {
    entity_id: traveller.entityId,
    id: traveller.id,
    username: storable(traveller.username),
    status: traveller.status,
    sections: sealDocument(key, ['travellers', traveller.id, 'sections'], traveller.sections, known),
    unknown_elements: sealUnknown(key, traveller.id, traveller.unknown),
    content_hash: key.hash(imageText(traveller)),
    version: traveller.version,
    changed_at: traveller.changedAt,
    created_at: traveller.createdAt,
  };
}

/** Sealed whole: nobody knows what an element is that the table does not name. */
function sealUnknown(key: EntityKey, id: string, unknown: readonly UnknownElement[]): string | undefined {
  return unknown.length === 0 ? undefined : key.sealJson(['travellers', id, 'unknown_elements'], unknown);
}

function openUnknown(key: EntityKey, id: string, sealed: string | null): readonly UnknownElement[] {
  if (sealed === null) return [];
  return unknownElements.parse(key.openJson(['travellers', id, 'unknown_elements'], sealed));
}
