import { aTraveller, imageOf, minutesAfter, T0 } from '../../builders';
import { createEntity, type SuiteContext } from './context';

const TIMEOUT_MS = 120_000;

/** Whether many rows take few statements: a statement per row would not be through in time. */
export function bulkSuite({ store }: SuiteContext, travellers: number): void {
  test(
    `${travellers} travellers are written, leased and saved in batches`,
    async () => {
      const entityId = await createEntity(store());
      const writes = Array.from({ length: travellers }, () => ({ ...aTraveller() }));
      const { results } = await store().travellers.upsertMany(entityId, writes, { now: T0 });
      expect(results.filter((result) => !result.ok)).toEqual([]);

      const limit = travellers / 2;
      const lease = { holder: 'h', now: T0, until: minutesAfter(5), limit };
      const pairs = await store().sync.leaseDirty(entityId, 'concur', lease);
      await store().sync.transaction(async (tx) => {
        const travellerIds = pairs.map(({ traveller }) => traveller.id);
        const locked = await tx.lock(entityId, 'concur', {
          logins: [],
          syncIds: [],
          uuids: [],
          travellerIds,
        });
        await tx.save(
          locked.map(({ traveller, state }) => ({
            traveller: { ...traveller, version: 2 },
            state: {
              ...state,
              baseHub: imageOf(traveller),
              baseConcur: imageOf(traveller),
              publishedVersion: 2,
            },
          })),
        );
      });
      const dirty = await store().sync.countDirty(entityId, 'concur', minutesAfter(9));
      expect(dirty).toEqual({ ready: travellers - limit, leased: 0 });
    },
    TIMEOUT_MS,
  );
}
