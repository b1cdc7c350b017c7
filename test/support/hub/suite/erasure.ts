import { sql } from 'kysely';
import { isEntityErased, parseKeyRing } from '../../../../hub';
import { anEntity, aTraveller, SENSITIVE, T0 } from '../../builders';
import { aFailedCall, type Dump, dumpOf, fillEverywhere, textOf } from '../everywhere';
import { plunder } from '../plunder';
import { storeOn } from '../stores';
import { createEntity, errorOf, type SuiteContext } from './context';

/** Where something of an entity stands sealed. */
const SEALED_IN = [
  'concur_calls',
  'conflicts',
  'credentials',
  'migration_items',
  'quarantine',
  'reconciliation_items',
  'request_tokens',
  'sync_states',
  'travellers',
];
const SECRET_PLACES = 'unknown slot hub concur text plan login request access refresh user url body'.split(
  ' ',
);

export function erasureSuite({ store, db, keys, otherStore }: SuiteContext): void {
  const wholeRing = () => parseKeyRing(keys().join(','));
  const secretsOf = (name: string) => (place: string) => `FAKEERASED-${name}-${place}`;
  /** Of those secrets, what a thief with the dump and the ring reads. */
  const stolen = (name: string, dump: Dump, keysFrom: readonly Dump[] = [dump]): Set<string> => {
    const loot = plunder(rowsOf(dump, name), wholeRing(), keysFrom).map(({ text }) => text);
    return new Set(
      SECRET_PLACES.filter((place) => loot.some((text) => text.includes(secretsOf(name)(place)))),
    );
  };
  /** Only the rows of one entity; those of the others hold the same made-up documents. */
  const rowsOf = (dump: Dump, entityId: string): Dump =>
    new Map([...dump].map(([table, rows]) => [table, rows.filter((row) => row.includes(`"${entityId}"`))]));

  describe('an erasure', () => {
    test('leaves nothing that opens with the dump and every key of the ring, and takes nothing from others', async () => {
      // Wrapped by the key that is retired by now, and wrapped anew since.
      const old = storeOn(db(), parseKeyRing(keys()[1]));
      const [gone, kept] = [await createEntity(old), await createEntity(old)];
      for (const id of [gone, kept]) await fillEverywhere(store(), id, secretsOf(id));
      await store().entities.rewrapKeys({ limit: 100 });
      const before = await dumpOf(db());
      for (const id of [gone, kept]) {
        expect([...stolen(id, before)].sort()).toEqual([...SECRET_PLACES].sort());
        const loot = plunder(rowsOf(before, id), wholeRing(), [before]);
        expect([...new Set(loot.map(({ table }) => table))].sort()).toEqual(SEALED_IN);
        expect(loot.map(({ text }) => text).join('\n')).toContain(SENSITIVE.passportNumber);
      }

      await store().entities.shred(gone, { now: T0 });

      const after = await dumpOf(db());
      expect(stolen(gone, after)).toEqual(new Set());
      expect(plunder(rowsOf(after, gone), wholeRing(), [after])).toEqual([]);
      expect([...stolen(kept, after)].sort()).toEqual([...SECRET_PLACES].sort());
      // Nor what was sealed before: the key is gone, not only the values. With the older dump's key it opens.
      expect(stolen(gone, before, [after])).toEqual(new Set());
      expect([...stolen(kept, before, [after])].sort()).toEqual([...SECRET_PLACES].sort());
    });

    test('leaves neither a sealed value nor a name, login or id of a person in plain', async () => {
      const entityId = await createEntity(store());
      const travellerId = await fillEverywhere(store(), entityId, secretsOf(entityId));
      const { traveller } = await store().travellers.get(entityId, travellerId);
      const personal = [
        traveller.username,
        `uuid-${travellerId}`,
        `sync-${travellerId}`,
        'Müller-Łukasz',
        's1.',
      ];
      const before = textOf(rowsOf(await dumpOf(db()), entityId));
      for (const text of personal) expect(before).toContain(text);

      await store().entities.shred(entityId, { now: T0 });

      const after = textOf(rowsOf(await dumpOf(db()), entityId));
      expect(after).toContain(travellerId);
      for (const text of personal) expect(after).not.toContain(text);
    });

    test('is final: the same entity again gets no key, and no process stores anything for it', async () => {
      const definition = anEntity();
      const entityId = await createEntity(store(), definition);
      const late = otherStore();
      // Like a worker in the middle of its work: it has the key in memory.
      await fillEverywhere(late, entityId, secretsOf(entityId));
      await store().entities.shred(entityId, { now: T0 });
      const erased = textOf(rowsOf(await dumpOf(db()), entityId));

      for (const writer of [late, store(), otherStore()]) {
        expect(await writer.entities.create(definition, { now: T0 })).toMatchObject({ created: false });
        const traveller = writer.travellers.upsert({ entityId, ...aTraveller() }, { now: T0 });
        expect(isEntityErased(await errorOf(traveller))).toBe(true);
        expect(isEntityErased(await errorOf(fillEverywhere(writer, entityId, secretsOf('late'))))).toBe(true);
        const grant = { accessToken: 'a', refreshToken: 'r', accessTokenExpiresAt: T0, scopes: [] };
        expect(isEntityErased(await errorOf(writer.credentials.commitGrant(entityId, grant)))).toBe(true);
        const window = { issuedAt: T0, expiresAt: T0, now: T0 };
        const token = writer.credentials.putRequestToken(entityId, 'late', 'FAKELATE', window);
        expect(isEntityErased(await errorOf(token))).toBe(true);
        const outcome = { outcome: 'quarantined', detail: 'FAKELATE', replanned: false, at: T0 } as const;
        const finish = writer.migrations.finishItem(entityId, 1, 't', outcome);
        expect(isEntityErased(await errorOf(finish))).toBe(true);
      }
      expect(textOf(rowsOf(await dumpOf(db()), entityId))).toBe(erased);
      expect(await keyOf(entityId)).toEqual({ data_key: null, ring_key_id: null });
    });

    test('lets calls that were on their way be noted, without what was said in them', async () => {
      const entityId = await createEntity(store());
      const late = otherStore();
      await fillEverywhere(late, entityId, secretsOf(entityId));
      await store().entities.shred(entityId, { now: T0 });

      await late.calls.add([aFailedCall(entityId, `${entityId}-late`, secretsOf('late'))]);

      const [row] = await db()
        .selectFrom('concur_calls')
        .selectAll()
        .where('id', '=', `${entityId}-late`)
        .execute();
      expect(row).toMatchObject({ error_code: 'HTTP-500', route: '/r', content: null, user_hash: null });
      expect(await late.calls.get(`${entityId}-late`)).not.toHaveProperty('content');
      expect(textOf(await dumpOf(db()))).not.toContain('FAKEERASED-late');
    });
  });

  async function keyOf(entityId: string): Promise<unknown> {
    const { rows } = await sql`
      select data_key, ring_key_id from entities where id = ${entityId}`.execute(db());
    return rows[0];
  }
}
