import { Bench } from '../sandbox/support';
import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { watch } from '../../support/sandbox-watch/watch';

describe('the watch over sandboxes', () => {
  it('hears of a violation in any sandbox, even one that was reset since, and names the test', async () => {
    const bench = new Bench();
    await bench.call('GET', '/api/travelprofile/v2.0/profile?userid_type=login');
    bench.admin.reset(['observations']);
    expect(bench.admin.violations).toEqual([]);
    const [words, ...more] = watch.drain();
    expect(words).toMatch(/^bad-query by .*\(during: the watch over sandboxes hears of/);
    expect(more).toEqual([]);
  });

  it('leaves those alone that a test says it provoked, each once', async () => {
    const bench = new Bench();
    const badly = () => bench.call('GET', '/api/travelprofile/v2.0/profile?userid_type=login');
    await badly();
    expectViolations(bench.admin, ['bad-query']);
    expect(watch.drain()).toEqual([]);
    await badly();
    expect(() => expectViolations(bench.admin, ['charset'])).toThrow('charset');
    expectViolations(bench.admin, ['bad-query']);
  });
});
