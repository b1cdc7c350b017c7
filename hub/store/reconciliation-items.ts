import { type Selectable, sql } from 'kysely';
import { type Reconciliations } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type ReconciliationItemsTable } from '../db/schema';
import { type FoundItem, type ReconcileFinding, type ReconciliationItem } from '../types';
import {
  type Columns,
  type Executor,
  inChunks,
  pageOf,
  present,
  recordset,
  type StoreContext,
} from './support';

const COLUMNS = {
  entity_id: 'text',
  number: 'integer',
  key: 'text',
  traveller_id: 'text',
  login: 'text',
  outcome: 'text',
  fields: 'jsonb',
  code: 'text',
  reason: 'text',
} as const satisfies Columns;

/** What a repair can bring into step; what is quarantined or held waits for a person. */
const REPAIRABLE: readonly ReconcileFinding[] = ['differs', 'only-here', 'only-there', 'pending'];

type Row = Selectable<ReconciliationItemsTable>;

/** The part of the repository that is about single travellers. */
export function createReconciliationItems({
  db,
  keys,
}: StoreContext): Pick<Reconciliations, 'items' | 'repairable'> {
  const opened = async (entityId: string, rows: readonly Row[]): Promise<ReconciliationItem[]> => {
    if (rows.every((row) => row.login === null)) return rows.map((row) => toItem(row));
    const key = await keys.of(db, entityId);
    return rows.map((row) => toItem(row, key));
  };
  const select = (entityId: string, number: number) =>
    db
      .selectFrom('reconciliation_items')
      .selectAll()
      .where('entity_id', '=', entityId)
      .where('number', '=', number)
      .orderBy('key');
  return {
    async items(entityId, number, { outcome, withLogins, ...query }) {
      let rows = select(entityId, number).limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('key', '>', query.cursor);
      if (outcome !== undefined) rows = rows.where('outcome', '=', outcome);
      const found = await rows.execute();
      const items = withLogins === true ? await opened(entityId, found) : found.map((row) => toItem(row));
      return pageOf(
        items,
        query,
        (item) => item,
        (item) => item.key,
      );
    },

    async repairable(entityId, number, afterKey, limit) {
      const rows = await select(entityId, number)
        .where('key', '>', afterKey ?? '')
        .where('outcome', 'in', REPAIRABLE)
        .where('repaired_at', 'is', null)
        .limit(limit)
        .execute();
      return opened(entityId, rows);
    },
  };
}

/** @returns the outcomes of those that were not known yet */
export async function addItems(
  { keys }: StoreContext,
  tx: Executor,
  entityId: string,
  number: number,
  items: readonly FoundItem[],
): Promise<ReconcileFinding[]> {
  if (items.length === 0) return [];
  const key = await keys.toWrite(tx, entityId);
  const names = sql.raw(Object.keys(COLUMNS).join(', '));
  const added: ReconcileFinding[] = [];
  await inChunks(items, async (chunk) => {
    const rows = chunk.map((item) => rowOf(key, number, item));
    const inserted = await sql<{ outcome: ReconcileFinding }>`
      insert into reconciliation_items (${names}) select ${names} from ${recordset(rows, COLUMNS)}
      on conflict do nothing returning outcome`.execute(tx);
    added.push(...inserted.rows.map((row) => row.outcome));
  });
  return added;
}

/** Key of what was found about a login that is nobody's here: says nothing, and is the same again. */
export function keyOfLogin(key: EntityKey, login: string): string {
  return `l-${key.shortHash(`reconciliation ${login.toLowerCase()}`)}`;
}

const placeOfLogin = (number: number, key: string): readonly string[] => [
  'reconciliation_items',
  String(number),
  key,
  'login',
];

function rowOf(
  key: EntityKey,
  number: number,
  { travellerId, login, outcome, fields, code, reason }: FoundItem,
): Record<keyof typeof COLUMNS, unknown> {
  const itemKey = travellerId === undefined ? keyOfLogin(key, login ?? '') : `t-${travellerId}`;
  return {
    entity_id: key.entityId,
    number,
    key: itemKey,
    traveller_id: travellerId,
    login: login === undefined ? undefined : key.seal(placeOfLogin(number, itemKey), login),
    outcome,
    fields,
    code,
    reason,
  };
}

function toItem(row: Row, key?: EntityKey): ReconciliationItem {
  const login =
    row.login === null || key === undefined
      ? undefined
      : key.open(placeOfLogin(row.number, row.key), row.login);
  return {
    key: row.key,
    outcome: row.outcome,
    fields: row.fields,
    ...present({
      travellerId: row.traveller_id,
      login,
      code: row.code,
      reason: row.reason,
      repairedAt: row.repaired_at,
    }),
  };
}
