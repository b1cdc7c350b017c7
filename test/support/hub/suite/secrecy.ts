import { sql } from 'kysely';
import { isSealBroken } from '../../../../hub';
import { aTraveller, SENSITIVE, T0 } from '../../builders';
import { dumpOf, fillEverywhere, textOf } from '../everywhere';
import { createEntity, errorOf, type SuiteContext } from './context';

export function secrecySuite({ store, db }: SuiteContext): void {
  describe('the database in plain', () => {
    test('shows no sensitive value and no token, whatever was stored where', async () => {
      const entityId = await createEntity(store());
      const secret = (name: string): string => `FAKESECRET-${name}`;
      const id = await fillEverywhere(store(), entityId, secret);
      const { key } = await store().apiKeys.create({ name: 'k', scopes: [] }, { now: T0 });

      const text = textOf(await dumpOf(db()));
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
