import fc from 'fast-check';
import { assignKeys, lacksKeys } from '../../../hub/list-keys';
import { countingIds } from '../../support/hub/stores';

const phone = fc.record({
  type: fc.constantFrom('Cell', 'Work', 'Home'),
  phoneNumber: fc.constantFrom('5550101', '5550102', '5550103'),
});
const phones = fc.array(phone, { maxLength: 6 });

describe('keys of list elements', () => {
  test('are there for every element, each once, and stay when the same is written again', () => {
    fc.assert(
      fc.property(phones, phones, (first, second) => {
        const ids = countingIds();
        const stored = assignKeys({ telephones: first }, undefined, ids);
        const next = assignKeys({ telephones: second }, stored, ids);
        const keys = (next.telephones ?? []).map(({ key }) => key);
        expect(lacksKeys(next)).toBe(false);
        expect(new Set(keys).size).toBe(second.length);
        expect(assignKeys({ telephones: first }, stored, ids)).toEqual(stored);
        expect(assignKeys(stored, stored, ids)).toEqual(stored);
      }),
    );
  });

  test('follow the element they came with, even when its number changes', () => {
    const ids = countingIds();
    const stored = assignKeys({ telephones: [{ type: 'Cell', phoneNumber: '5550101' }] }, undefined, ids);
    const [key] = (stored.telephones ?? []).map((item) => item.key ?? '');
    const moved = {
      telephones: [
        { type: 'Cell', phoneNumber: '5550101' },
        { key: key ?? '', type: 'Cell', phoneNumber: '5550102' },
      ],
    };
    const next = assignKeys(moved, stored, ids);
    expect(next.telephones?.[1]?.key).toBe(key);
    expect(next.telephones?.[0]?.key).not.toBe(key);
  });

  test('that nobody knows are kept when they are free and well formed', () => {
    const incoming = {
      visas: [
        { key: 'mine', visaNumber: 'A' },
        { key: 'mine', visaNumber: 'B' },
        { key: 'not ok', visaNumber: 'C' },
      ],
    };
    const keys = assignKeys(incoming, undefined, countingIds()).visas?.map(({ key }) => key);
    expect(keys).toEqual(['mine', 'id000001', 'id000002']);
  });

  test('of lists inside a group are assigned too', () => {
    const sections = { air: { airMemberships: [{ vendorCode: 'LH', accountNo: '1' }] } };
    expect(lacksKeys(sections)).toBe(true);
    expect(assignKeys(sections, undefined, countingIds()).air?.airMemberships?.[0]?.key).toBe('id000001');
  });
});
