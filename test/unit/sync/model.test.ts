import fc from 'fast-check';
import { type Image } from '../../../hub/types';
import { compareImages } from '../../../sync/model/compare';
import { sameValue, slotEquivalent } from '../../../sync/model/equality';
import { merge, type MergeInput, rebase } from '../../../sync/model/merge';
import { planWrite } from '../../../sync/model/plan';
import { isReadOnlySlot } from '../../../sync/model/read-only';
import { imageOf, slotsOf } from '../../../sync/model/slots';
import { profileSections, profileStatus } from '../../support/concur/arbitraries';
import { T0 } from '../../support/builders';

const image: fc.Arbitrary<Image> = fc.record({
  status: profileStatus,
  sections: profileSections,
});

const input = (hub: Image, concur: Image, more: Partial<MergeInput> = {}): MergeInput => ({
  hub,
  concur,
  rule: { default: 'hub-wins' },
  hubChangedAt: T0,
  ...more,
});

const RUNS = { numRuns: 60 };

test('an image taken apart and put together again is the same image', () => {
  fc.assert(
    fc.property(image, (one) => {
      const again = imageOf(slotsOf(one));
      expect([...slotsOf(again)]).toEqual([...slotsOf(one)]);
    }),
    RUNS,
  );
});

test('two equal sides have nothing to say to each other, with or without a base', () => {
  fc.assert(
    fc.property(image, image, (one, base) => {
      for (const bases of [{}, { baseHub: base, baseConcur: base }]) {
        const result = merge(input(one, one, bases));
        expect(result).toMatchObject({ hubMoved: false, toConcur: [], conflicts: [] });
      }
    }),
    RUNS,
  );
});

test('without a base nothing is lost: each value of either side is in the hub, or kept as a conflict', () => {
  fc.assert(
    fc.property(image, image, (hub, concur) => {
      const result = merge(input(hub, concur));
      const merged = slotsOf(result.hub);
      const conflicted = new Set(result.conflicts.map(({ slot }) => slot));
      for (const id of [...slotsOf(hub).keys(), ...slotsOf(concur).keys()]) {
        const slot = slotsOf(hub).get(id) ?? slotsOf(concur).get(id);
        const same = slotEquivalent(slot?.place, merged.get(id)?.value, slotsOf(concur).get(id)?.value);
        expect(merged.has(id) || conflicted.has(id) || same).toBe(true);
      }
      const plan = planWrite(result.hub, concur, result.toConcur);
      expect(plan.clears).toEqual([]);
    }),
    RUNS,
  );
});

test('a change of one side alone travels to the other without a conflict', () => {
  fc.assert(
    fc.property(image, image, (base, changed) => {
      const fromConcur = merge(input(base, changed, { baseHub: base, baseConcur: base }));
      expect(fromConcur).toMatchObject({ conflicts: [], toConcur: [] });
      expect(
        compareImages(fromConcur.hub, changed, { notes: [], rule: { default: 'hub-wins' } }).differs,
      ).toEqual([]);

      const fromHub = merge(input(changed, base, { baseHub: base, baseConcur: base }));
      expect(fromHub.conflicts).toEqual([]);
      for (const id of fromHub.toConcur)
        expect(slotsOf(fromHub.hub).get(id)).toEqual(slotsOf(changed).get(id));
    }),
    RUNS,
  );
});

test('merging again after everything was said changes nothing', () => {
  fc.assert(
    fc.property(image, image, image, (hub, concur, base) => {
      const first = merge(input(hub, concur, { baseHub: base, baseConcur: base }));
      // Concur takes what it was sent.
      const taken = new Map(slotsOf(concur));
      const merged = slotsOf(first.hub);
      for (const id of first.toConcur) {
        const slot = merged.get(id);
        if (slot === undefined) taken.delete(id);
        else taken.set(id, slot);
      }
      const after = imageOf(taken);
      const second = merge(input(first.hub, after, { baseHub: first.hub, baseConcur: after }));
      expect(second).toMatchObject({ toConcur: [], conflicts: [] });
    }),
    RUNS,
  );
});

test('what only Concur may say is never sent', () => {
  fc.assert(
    fc.property(image, image, (hub, concur) => {
      const { toConcur, hub: merged } = merge(input(hub, concur));
      for (const id of toConcur) {
        const slot = slotsOf(merged).get(id) ?? slotsOf(concur).get(id);
        expect(slot !== undefined && isReadOnlySlot(slot)).toBe(false);
      }
    }),
    RUNS,
  );
});

test('an edit made while another one was merged stays', () => {
  fc.assert(
    fc.property(image, image, image, (from, to, current) => {
      const result = slotsOf(rebase(current, from, to));
      const [now, before] = [slotsOf(current), slotsOf(from)];
      // Elements that share an identity are told apart by their order only, which a removal changes.
      const listOf = (id: string) => id.split('[')[0];
      const ids = [...now.keys(), ...before.keys(), ...slotsOf(to).keys()];
      const ambiguous = new Set(ids.filter((id) => id.includes('#')).map(listOf));
      for (const [id, slot] of now) {
        const untouched = sameValue(slot.value, before.get(id)?.value);
        if (!untouched && !ambiguous.has(listOf(id))) expect(result.get(id)?.value).toEqual(slot.value);
      }
    }),
    RUNS,
  );
});

describe('conflict rules', () => {
  const side = (jobTitle: string): Image => ({ status: 'active', sections: { general: { jobTitle } } });
  const both = (rule: MergeInput['rule'], concurModifiedAt?: Date) =>
    merge(
      input(side('hub'), side('concur'), {
        baseHub: side('base'),
        baseConcur: side('base'),
        rule,
        ...(concurModifiedAt === undefined ? {} : { concurModifiedAt }),
      }),
    );

  test.each([
    ['hub-wins', 'hub', 'hub'],
    ['concur-wins', 'concur', 'concur'],
  ] as const)('%s keeps the value of the other side as a conflict', (word, jobTitle, winner) => {
    const result = both({ default: word });
    expect(result.hub.sections.general?.jobTitle).toBe(jobTitle);
    expect(result.conflicts).toMatchObject([{ winner, hubValue: 'hub', concurValue: 'concur' }]);
  });

  test('newest-wins compares the two instants', () => {
    expect(both({ default: 'newest-wins' }, new Date(T0.getTime() + 1)).conflicts).toMatchObject([
      { winner: 'concur' },
    ]);
    expect(both({ default: 'newest-wins' }, new Date(T0.getTime() - 1)).conflicts).toMatchObject([
      { winner: 'hub' },
    ]);
  });

  test('a rule of a section goes before the default', () => {
    expect(both({ default: 'hub-wins', sections: { general: 'concur-wins' } }).conflicts).toMatchObject([
      { winner: 'concur' },
    ]);
  });

  test('hub-owned overwrites and concur-owned follows, without asking who changed', () => {
    const unchangedHub = { baseHub: side('hub'), baseConcur: side('base') };
    const owned = (word: 'hub-owned' | 'concur-owned') =>
      merge(input(side('hub'), side('concur'), { ...unchangedHub, rule: { default: word } }));
    expect(owned('hub-owned').toConcur).toEqual(['general.jobTitle']);
    expect(owned('concur-owned')).toMatchObject({ toConcur: [], hub: side('concur') });
  });
});
