import { sql } from 'kysely';
import { type QuarantineRecordRef } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type QuarantineEntry } from '../types';
import { type Columns, type Executor, groupBy, inChunks, recordset, type StoreContext } from './support';

const COLUMNS = {
  id: 'text',
  entity_id: 'text',
  traveller_id: 'text',
  login_id: 'text',
  direction: 'text',
  code: 'text',
  field: 'text',
  reason: 'text',
  message: 'text',
  correlation_id: 'text',
  concur_modified_at: 'timestamptz',
  transient: 'boolean',
  retry_asked: 'boolean',
  first_at: 'timestamptz',
  last_at: 'timestamptz',
  attempts: 'integer',
} as const satisfies Columns;

export const placeOfMessage = (id: string): readonly string[] => ['quarantine', id, 'message'];

/**
 * Opens entries, or counts one more attempt on the open one of the same record and direction. A record is a
 * traveller; where none is known, a login.
 */
export async function openQuarantine(
  { keys, ids }: StoreContext,
  tx: Executor,
  entries: readonly QuarantineEntry[],
  at: Date,
): Promise<void> {
  for (const [entityId, group] of groupBy(entries, (entry) => entry.entityId)) {
    const key = await keys.toWrite(tx, entityId);
    const open = await lockOpen(tx, entityId);
    const latest = new Map(group.map((entry) => [recordOf(entry), entry]));
    const fresh: object[] = [];
    const again: object[] = [];
    for (const [record, entry] of latest) {
      const known =
        open.get(record) ?? (entry.loginId && open.get(loginRecord(entry.direction, entry.loginId)));
      if (known) again.push(rowOf(key, known, entry, at));
      else fresh.push(rowOf(key, ids.next(), entry, at));
    }
    await countAgain(tx, again);
    await insertFresh(tx, fresh);
  }
}

export async function resolveQuarantine(
  tx: Executor,
  entityId: string,
  records: readonly QuarantineRecordRef[],
  at: Date,
): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map((record) => ({
    traveller_id: record.travellerId,
    login_id: record.loginId,
    direction: record.direction,
  }));
  await sql`
    update quarantine q set resolved_at = ${at}, resolution = 'resolved'
    from ${recordset(rows, { traveller_id: 'text', login_id: 'text', direction: 'text' })}
    where q.entity_id = ${entityId} and q.resolved_at is null and q.direction = x.direction
      and (q.traveller_id = x.traveller_id or lower(q.login_id) = lower(x.login_id))`.execute(tx);
}

async function countAgain(tx: Executor, entries: readonly object[]): Promise<void> {
  await inChunks(entries, async (chunk) => {
    await sql`
      update quarantine q set traveller_id = coalesce(x.traveller_id, q.traveller_id),
        login_id = coalesce(x.login_id, q.login_id), code = x.code, field = x.field, reason = x.reason,
        message = x.message, correlation_id = x.correlation_id, concur_modified_at = coalesce(x.concur_modified_at, q.concur_modified_at),
        transient = x.transient, retry_asked = false, last_at = x.last_at, attempts = q.attempts + 1
      from ${recordset(chunk, COLUMNS)}
      where q.id = x.id`.execute(tx);
  });
}

async function insertFresh(tx: Executor, entries: readonly object[]): Promise<void> {
  const names = sql.raw(Object.keys(COLUMNS).join(', '));
  await inChunks(entries, async (chunk) => {
    // Another transaction may have opened the same record meanwhile: that one is enough.
    await sql`
      insert into quarantine (${names}) select ${names} from ${recordset(chunk, COLUMNS)}
      on conflict do nothing`.execute(tx);
  });
}

/** Ids of the entity's open entries by record; few, as a rule. */
async function lockOpen(tx: Executor, entityId: string): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('quarantine')
    .select(['id', 'traveller_id', 'login_id', 'direction'])
    .where('entity_id', '=', entityId)
    .where('resolved_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return new Map(
    rows.map(({ id, traveller_id: travellerId, login_id: loginId, direction }) => [
      recordOf({ direction, ...(travellerId === null ? {} : { travellerId }), loginId: loginId ?? '' }),
      id,
    ]),
  );
}

function recordOf(entry: Pick<QuarantineEntry, 'direction' | 'travellerId' | 'loginId'>): string {
  return entry.travellerId === undefined
    ? loginRecord(entry.direction, entry.loginId ?? '')
    : `${entry.direction} traveller ${entry.travellerId}`;
}

function loginRecord(direction: string, loginId: string): string {
  return `${direction} login ${loginId.toLowerCase()}`;
}

function rowOf(
  key: EntityKey,
  id: string,
  entry: QuarantineEntry,
  at: Date,
): Record<keyof typeof COLUMNS, unknown> {
  return {
    id,
    entity_id: entry.entityId,
    traveller_id: entry.travellerId,
    login_id: entry.loginId,
    direction: entry.direction,
    code: entry.code,
    field: entry.field,
    reason: entry.reason,
    message: entry.message === undefined ? undefined : key.seal(placeOfMessage(id), entry.message),
    correlation_id: entry.correlationId,
    concur_modified_at: entry.concurModifiedAt,
    transient: entry.transient ?? false,
    retry_asked: false,
    first_at: at,
    last_at: at,
    attempts: 1,
  };
}
