import { sql } from 'kysely';
import { isSealBroken } from '../../../../hub';
import { aBoundTraveller, aTraveller, SENSITIVE, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

const TABLES = [
  'agencies',
  'entities',
  'credentials',
  'request_tokens',
  'travellers',
  'sync_states',
  'quarantine',
  'conflicts',
  'migrations',
  'migration_items',
  'concur_calls',
  'events',
  'api_keys',
  'requests',
];

export function secrecySuite({ store, db }: SuiteContext): void {
  const dump = async (): Promise<string> => {
    const tables = await Promise.all(
      TABLES.map(async (table) => {
        const { rows } = await sql<{
          row: string;
        }>`select to_jsonb(t)::text as row from ${sql.table(table)} t`.execute(db());
        return rows.map(({ row }) => row);
      }),
    );
    return tables.flat().join('\n');
  };

  describe('the database in plain', () => {
    test('shows no sensitive value and no token, whatever was stored where', async () => {
      const entityId = await createEntity(store());
      const secret = (name: string): string => `FAKESECRET-${name}`;
      const pair = aBoundTraveller(entityId);
      const { id } = pair.traveller;
      await store().sync.transaction(async (tx) => {
        await tx.insert([
          {
            ...pair,
            traveller: pair.traveller.with({
              unknown: [{ path: 'General', name: 'x', value: secret('unknown') }],
            }),
          },
        ]);
        await tx.addConflicts(
          [
            {
              entityId,
              travellerId: id,
              section: 'visas',
              slot: secret('slot'),
              hubValue: secret('hub'),
              concurValue: secret('concur'),
              winner: 'hub',
            },
          ],
          T0,
        );
        await tx.quarantine(
          [{ entityId, travellerId: id, direction: 'pull', code: 'c', reason: 'r', message: secret('text') }],
          T0,
        );
      });
      await store().migrations.create(entityId, 'merge', { now: T0 });
      await store().migrations.putItems([
        {
          entityId,
          migrationNumber: 1,
          travellerId: id,
          action: 'update',
          planHash: 'h',
          replanned: false,
          plan: { sections: secret('plan') },
        },
      ]);
      await store().credentials.putRequestToken(entityId, 'r', secret('request'), {
        issuedAt: T0,
        expiresAt: T0,
        now: T0,
      });
      await store().credentials.commitGrant(entityId, {
        accessToken: secret('access'),
        refreshToken: secret('refresh'),
        accessTokenExpiresAt: T0,
        scopes: [],
      });
      await store().calls.add([
        {
          id: `${entityId}-call`,
          entityId,
          at: T0,
          system: 'concur',
          method: 'GET',
          route: '/r',
          durationMs: 1,
          content: {
            user: secret('user'),
            exchange: { url: secret('url'), requestHeaders: {}, responseBody: secret('body') },
          },
        },
      ]);
      const { key } = await store().apiKeys.create({ name: 'k', scopes: [] }, { now: T0 });

      const text = await dump();
      expect(text).toContain(id);
      for (const value of [...Object.values(SENSITIVE), 'FAKESECRET', key]) expect(text).not.toContain(value);
    });

    test('lets equal values of one field be recognised, and of no other field', async () => {
      const entityId = await createEntity(store());
      const sections = (number: string) => ({
        passports: [{ passportNumber: number }],
        visas: [{ visaNumber: number, visaNationality: 'US' }],
      });
      const [one, other] = [aTraveller(), aTraveller()];
      for (const write of [one, other]) {
        await store().travellers.upsert(
          { entityId, ...write.with({ sections: sections('FAKESAME1') }) },
          { now: T0 },
        );
      }
      const { rows } = await sql<{ passport: string; visa: string; sealed: string }>`
        select sections #>> '{passports,0,passportNumber,h}' as passport, sections #>> '{visas,0,visaNumber,h}' as visa,
          sections #>> '{passports,0,passportNumber,$sealed}' as sealed
        from travellers where entity_id = ${entityId}`.execute(db());
      const [first, second] = rows;
      expect(first?.passport).toBe(second?.passport);
      expect(first?.passport).not.toBe(first?.visa);
      expect(first?.sealed).not.toBe(second?.sealed);
    });

    test('does not open where it was moved to another traveller or altered', async () => {
      const entityId = await createEntity(store());
      const [one, other] = [aTraveller(), aTraveller()];
      for (const write of [one, other]) await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await sql`
        update travellers set sections = (select sections from travellers where entity_id = ${entityId} and id = ${one.id})
        where entity_id = ${entityId} and id = ${other.id}`.execute(db());
      expect(isSealBroken(await errorOf(store().travellers.get(entityId, other.id)))).toBe(true);
      expect(isSealBroken(await errorOf(store().travellers.list(entityId, { limit: 10 })))).toBe(true);
      await sql`
        update travellers set sections = replace(sections::text, 's1.', 's1.x')::jsonb
        where entity_id = ${entityId} and id = ${one.id}`.execute(db());
      await expect(store().travellers.get(entityId, one.id)).rejects.toThrow(/key|opened/);
    });
  });
}
