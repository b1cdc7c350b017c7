import { aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, type SuiteContext } from './context';

export function fleetSuite({ store }: SuiteContext): void {
  const activeEntity = async (): Promise<string> => {
    const id = await createEntity(store());
    await store().entities.setState(id, { stage: 'active' });
    return id;
  };

  describe('the fleet', () => {
    test('names those woken long ago, and not those drained since', async () => {
      const [slow, drained] = [await activeEntity(), await activeEntity()];
      await store().entities.setWake(slow, { now: T0 });
      await store().entities.setWake(drained, { now: T0 });
      await store().entities.clearWake(drained);
      const woken = await store().fleet.wokenBefore(minutesAfter(1), 1000);
      expect(woken).toContain(slow);
      expect(woken).not.toContain(drained);
      expect(await store().fleet.wokenBefore(T0, 1000)).not.toContain(slow);
    });

    test('names those with due rows that nobody was woken for', async () => {
      const [due, leased, held] = [await activeEntity(), await activeEntity(), await activeEntity()];
      for (const entityId of [due, leased, held]) {
        await store().travellers.upsert({ entityId, ...aTraveller() }, { now: T0 });
        await store().entities.clearWake(entityId);
      }
      const lease = { holder: 'h', now: T0, until: minutesAfter(5), limit: 10 };
      await store().sync.leaseDirty(leased, 'concur', lease);
      for (const { traveller } of (await store().travellers.list(held, { limit: 10 })).items) {
        await store().travellers.setHeld(held, traveller.id, true);
      }
      const now = await store().fleet.dirtyNotWoken(minutesAfter(1), 1000);
      expect(now).toContain(due);
      expect(now).not.toContain(leased);
      expect(now).not.toContain(held);
      expect(await store().fleet.dirtyNotWoken(minutesAfter(6), 1000)).toContain(leased);
    });

    test('names those whose last poll is long ago, or never was', async () => {
      const [never, lately] = [await activeEntity(), await activeEntity()];
      const [startedAt, finishedAt] = [T0.toISOString(), minutesAfter(20).toISOString()];
      await store().entities.setState(lately, {
        lastPoll: { startedAt, finishedAt, seen: 0, changed: 0, quarantined: 0 },
      });
      const late = await store().fleet.polledBefore(minutesAfter(10), 1000);
      expect(late).toContain(never);
      expect(late).not.toContain(lately);
      expect(await store().fleet.polledBefore(minutesAfter(30), 1000)).toContain(lately);
    });

    test('leaves alone what is switched off', async () => {
      const [silent, unpolled] = [await activeEntity(), await activeEntity()];
      await store().entities.patch(silent, { interfaceOn: false });
      await store().entities.patch(unpolled, { pollingOn: false });
      for (const entityId of [silent, unpolled])
        await store().travellers.upsert({ entityId, ...aTraveller() }, { now: T0 });
      const late = await store().fleet.polledBefore(minutesAfter(10), 1000);
      expect(late).not.toContain(silent);
      expect(late).not.toContain(unpolled);
      for (const entityId of [silent, unpolled]) await store().entities.setWake(entityId, { now: T0 });
      const woken = await store().fleet.wokenBefore(minutesAfter(10), 1000);
      expect(woken).toContain(unpolled);
      expect(woken).not.toContain(silent);
      for (const entityId of [silent, unpolled]) await store().entities.clearWake(entityId);
      const dirty = await store().fleet.dirtyNotWoken(minutesAfter(10), 1000);
      expect(dirty).toContain(unpolled);
      expect(dirty).not.toContain(silent);
    });

    test('counts the whole fleet as it counts each entity', async () => {
      const entityId = await activeEntity();
      for (let count = 0; count < 3; count += 1)
        await store().travellers.upsert({ entityId, ...aTraveller() }, { now: T0 });
      const [held] = (await store().travellers.list(entityId, { limit: 1 })).items;
      await store().travellers.setHeld(entityId, held?.traveller.id ?? '', true);
      const entry = {
        entityId,
        loginId: 'nobody@example.test',
        direction: 'pull',
        code: 'c',
        reason: 'r',
      } as const;
      await store().quarantine.open([entry], { now: T0 });
      const gone = await createEntity(store());
      await store().travellers.upsert({ entityId: gone, ...aTraveller() }, { now: T0 });
      await store().entities.setState(gone, { stage: 'offboarded' });

      const { totals, travellers, quarantined } = await store().fleet.status();
      expect(totals).toEqual(expect.arrayContaining([...(await store().fleet.totals())]));
      const { items } = await store().fleet.ids({ limit: 1000 });
      const each = [...(await store().entities.countsOf(items)).values()];
      for (const name of ['travellers', 'pending', 'held', 'synced', 'inactive', 'conflicts'] as const)
        expect({ name, sum: travellers[name] }).toEqual({
          name,
          sum: each.reduce((sum, counts) => sum + counts[name], 0),
        });
      expect(travellers.held).toBeGreaterThan(0);
      const open = [...(await store().quarantine.counts()).values()].reduce((sum, count) => sum + count, 0);
      expect(quarantined).toBe(open);
    });

    test('tells what is watched: the oldest change, polls, tokens, commands', async () => {
      const now = minutesAfter(60 * 24 * 400);
      const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
      const before = await store().fleet.figures(now);
      const waiting = await activeEntity();
      await store().travellers.upsert({ entityId: waiting, ...aTraveller() }, { now: minutesAfter(-5_000) });
      for (const [left, stage] of [
        [0.5, 'active'],
        [6, 'paused'],
        [29, 'migrating'],
        [170, 'active'],
        [1, 'offboarding'],
      ] as const) {
        const id = await createEntity(store());
        await store().entities.setState(id, { stage, refreshTokenExpiresAt: days(left) });
      }
      const quarantined = { entityId: waiting, loginId: 'a@example.test', code: 'c', reason: 'r' };
      await store().quarantine.open([{ ...quarantined, direction: 'publish' }], { now });
      const request = { id: `${waiting}-undelivered`, entityId: waiting, kind: 'poll', payload: {} };
      await store().requests.create(request, { now });

      const after = await store().fleet.figures(now);
      expect(after.dirtySince).toEqual(minutesAfter(-5_000));
      // Three are active and never polled.
      expect(after.overduePolls - before.overduePolls).toBe(3);
      const more = (name: 'within1' | 'within7' | 'within30' | 'later') =>
        after.refreshTokens[name] - before.refreshTokens[name];
      expect([more('within1'), more('within7'), more('within30'), more('later')]).toEqual([1, 1, 1, 1]);
      expect(after.refreshTokens.first?.getTime()).toBeLessThanOrEqual(days(0.5).getTime());
      expect(after.quarantined.publish - before.quarantined.publish).toBe(1);
      expect(after.quarantined.pull).toBe(before.quarantined.pull);
      expect(after.undelivered - before.undelivered).toBe(1);
      const { totals, travellers } = await store().fleet.status();
      expect({ totals: after.totals, travellers: after.travellers }).toEqual({ totals, travellers });
    });

    test('lists ids by stage, and all that are not offboarded', async () => {
      const [active, gone] = [await activeEntity(), await createEntity(store())];
      await store().entities.setState(gone, { stage: 'offboarded' });
      const ids = (await store().fleet.ids({ limit: 1000 })).items;
      expect(ids).toContain(active);
      expect(ids).not.toContain(gone);
      expect((await store().fleet.inStage('offboarded', { limit: 1000 })).items).toContain(gone);
    });
  });
}
