import { pairedRatios, quantile, summarise } from '../../../bench/lib/stats';

describe('summarise', () => {
  test('names median, least and most, whatever the order of the samples', () => {
    expect(summarise([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  test('takes the middle between two where the number of samples is even', () => {
    expect(summarise([4, 1, 3, 2]).median).toBe(2.5);
  });

  test('sorts as numbers, not as text', () => {
    expect(summarise([9, 10, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  test('leaves the samples as they are', () => {
    const samples = [3, 1, 2];
    summarise(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  test('makes up nothing where there are no samples, or no numbers', () => {
    expect(() => summarise([])).toThrow(RangeError);
    expect(() => summarise([1, Number.NaN])).toThrow(RangeError);
    expect(() => summarise([1, Infinity])).toThrow(RangeError);
  });
});

describe('quantile', () => {
  test('lies between the nearest ranks', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([7], 0.99)).toBe(7);
  });

  test('refuses what is no share', () => {
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });
});

describe('pairedRatios', () => {
  test('compares round with round', () => {
    expect(pairedRatios([10, 40], [20, 20])).toEqual([0.5, 2]);
  });

  test('needs the same rounds and something to divide by', () => {
    expect(() => pairedRatios([1], [1, 2])).toThrow(RangeError);
    expect(() => pairedRatios([1], [0])).toThrow(RangeError);
  });
});
