import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { type ConflictRecord, type Conflicts, type ConflictSummary, type PageQuery } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type ConflictsTable } from '../db/schema';
import { ConflictUnknown } from '../errors';
import { type ConflictEntry } from '../types';
import { type Executor, groupBy, inChunks, pageOf, present, recordset, type StoreContext } from './support';

const COLUMNS = {
  id: 'text',
  entity_id: 'text',
  traveller_id: 'text',
  section: 'text',
  winner: 'text',
  content: 'text',
  at: 'timestamptz',
} as const;

const content = z.object({ slot: z.string(), hubValue: z.unknown(), concurValue: z.unknown() });

type Row = Selectable<ConflictsTable>;

export function createConflicts(context: StoreContext): Conflicts {
  const { db, keys } = context;

  const read = async ({
    entityId,
    travellerId,
    ...query
  }: PageQuery & { readonly entityId?: string; readonly travellerId?: string }): Promise<Row[]> => {
    let rows = db
      .selectFrom('conflicts')
      .selectAll()
      .orderBy('id')
      .limit(query.limit + 1);
    if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
    if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
    if (travellerId !== undefined) rows = rows.where('traveller_id', '=', travellerId);
    return rows.execute();
  };
  const open = async (row: Row): Promise<ConflictRecord> =>
    row.content === null
      ? { ...summary(row), slot: '' }
      : { ...summary(row), ...openContent(await keys.of(db, row.entity_id), row.id, row.content) };

  return {
    list: async (query) => pageOf(await read(query), query, summary, (row) => row.id),

    async listOpened(query) {
      const { items, ...page } = pageOf(
        await read(query),
        query,
        (row) => row,
        (row) => row.id,
      );
      return { ...page, items: await Promise.all(items.map(open)) };
    },

    async get(id) {
      const row = await db.selectFrom('conflicts').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw new ConflictUnknown(id);
      return open(row);
    },

    async markRestored(id, { now }) {
      const result = await db
        .updateTable('conflicts')
        .set({ restored_at: now })
        .where('id', '=', id)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) throw new ConflictUnknown(id);
    },
  };
}

export async function insertConflicts(
  { keys, ids }: StoreContext,
  tx: Executor,
  conflicts: readonly ConflictEntry[],
  at: Date,
): Promise<void> {
  const names = sql.raw(Object.keys(COLUMNS).join(', '));
  for (const [entityId, group] of groupBy(conflicts, (conflict) => conflict.entityId)) {
    const key = await keys.toWrite(tx, entityId);
    await inChunks(group, async (chunk) => {
      const rows = chunk.map((conflict) => rowOf(key, ids.next(), conflict, at));
      await sql`insert into conflicts (${names}) select ${names} from ${recordset(rows, COLUMNS)}`.execute(
        tx,
      );
    });
  }
}

function rowOf(
  key: EntityKey,
  id: string,
  conflict: ConflictEntry,
  at: Date,
): Record<keyof typeof COLUMNS, unknown> {
  const { entityId, travellerId, section, winner, slot, hubValue, concurValue } = conflict;
  return {
    id,
    entity_id: entityId,
    traveller_id: travellerId,
    section,
    winner,
    content: key.sealJson(placeOf(id), { slot, hubValue, concurValue }),
    at,
  };
}

function openContent(
  key: EntityKey,
  id: string,
  sealed: string,
): Pick<ConflictEntry, 'slot' | 'hubValue' | 'concurValue'> {
  const { slot, hubValue, concurValue } = content
    .partial({ hubValue: true, concurValue: true })
    .parse(key.openJson(placeOf(id), sealed));
  return { slot, ...present({ hubValue, concurValue }) };
}

const placeOf = (id: string): readonly string[] => ['conflicts', id, 'content'];

function summary(row: Row): ConflictSummary {
  return {
    id: row.id,
    entityId: row.entity_id,
    travellerId: row.traveller_id,
    section: row.section,
    winner: row.winner,
    at: row.at,
    ...present({ restoredAt: row.restored_at }),
  };
}
