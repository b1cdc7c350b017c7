import { canonicalText, imageText } from '../../../hub/content';
import { aProfile } from '../../support/builders';

describe('content', () => {
  test('is the same whatever the order of its fields, and without what is empty', () => {
    expect(canonicalText({ a: 1, b: { c: [] }, d: undefined })).toBe(
      canonicalText({ d: undefined, b: {}, a: 1 }),
    );
    expect(canonicalText({ a: [1, 2] })).not.toBe(canonicalText({ a: [2, 1] }));
  });

  test('as synchronisation sees it has neither list keys nor an order of elements', () => {
    const telephones = [...(aProfile().telephones ?? [])];
    const reversed = telephones.map((item, n) => ({ ...item, key: `k${n}` })).reverse();
    const image = (list: typeof telephones) =>
      imageText({ status: 'active', sections: { telephones: list } });
    expect(image(reversed)).toBe(image(telephones));
    expect(image(telephones.slice(1))).not.toBe(image(telephones));
    expect(imageText({ status: 'inactive', sections: {} })).not.toBe(
      imageText({ status: 'active', sections: {} }),
    );
  });
});
