import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type CallRecord as ConcurCall } from '../../../concur';
import { type CallRecord } from '../../../hub';
import { CallJournal, MOST_BUFFERED } from '../../../workers/journal';
import { countingIds } from '../../support/hub/stores';

const aCall = (changes: Partial<ConcurCall> = {}): ConcurCall => ({
  function: 'readProfile',
  method: 'GET',
  origin: 'https://us2.api.concursolutions.com',
  template: '/api/travelprofile/v2.0/profile',
  status: 200,
  outcome: 'answered',
  correlationIdSent: 'ours',
  startedAt: new Date('2026-08-01T12:00:00Z'),
  durationMs: 12,
  ...changes,
});

function aJournal() {
  const stored: CallRecord[] = [];
  const logged: string[] = [];
  const store = { isAway: false, tries: 0 };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString('utf8'));
      done();
    },
  });
  const journal = new CallJournal({
    calls: {
      add: (calls) => {
        store.tries += 1;
        if (store.isAway) return Promise.reject(new Error('the store is away'));
        stored.push(...calls);
        return Promise.resolve();
      },
    },
    log: pino({ level: 'warn' }, stream),
    ids: countingIds('c'),
  });
  return { journal, stored, logged, store };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the call journal', () => {
  it('writes calls together, a second later, in the order of their ids', async () => {
    const { journal, stored, store } = aJournal();
    for (let n = 0; n < 5; n += 1) journal.note('acme', aCall());
    expect(stored).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stored.map(({ id }) => id)).toEqual(['c000001', 'c000002', 'c000003', 'c000004', 'c000005']);
    expect(store.tries).toBe(1);
    journal.note('acme', aCall());
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stored).toHaveLength(6);
  });

  it('keeps of a success no body, of a failure request and answer, and both correlation ids', async () => {
    const { journal, stored } = aJournal();
    const evidence = { url: 'https://x.test/', requestHeaders: {}, responseBody: 'no' };
    journal.note('acme', aCall());
    const serverDate = new Date('2026-08-01T12:00:01Z');
    journal.note(
      'acme',
      aCall({ status: 400, correlationId: 'theirs', failure: 'E001', user: 'ada', evidence, serverDate }),
    );
    await journal.flush();
    expect(stored[0]).not.toHaveProperty('content');
    expect(stored[0]).not.toHaveProperty('errorCode');
    expect(stored[1]).toMatchObject({
      function: 'readProfile',
      correlationIdSent: 'ours',
      correlationId: 'theirs',
      errorCode: 'E001',
      serverDate,
      content: { user: 'ada', exchange: evidence },
    });
  });

  it('keeps what the store does not take, and tries again', async () => {
    const { journal, stored, logged, store } = aJournal();
    store.isAway = true;
    journal.note('acme', aCall());
    await jest.advanceTimersByTimeAsync(1_000);
    journal.note('acme', aCall());
    expect([stored.length, store.tries]).toEqual([0, 1]);
    expect(logged.join('')).toContain('tried again');
    store.isAway = false;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(stored.map(({ id }) => id)).toEqual(['c000001', 'c000002']);
  });

  it('drops the oldest when it is full, never throws, and says how many once the store is back', async () => {
    const { journal, stored, logged, store } = aJournal();
    store.isAway = true;
    for (let n = 0; n < MOST_BUFFERED + 30; n += 1) journal.note('acme', aCall());
    await jest.advanceTimersByTimeAsync(1_000);
    store.isAway = false;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(stored).toHaveLength(MOST_BUFFERED);
    expect(stored[0]?.id).toBe('c000031');
    expect(logged.filter((line) => line.includes('dropped'))).toEqual([
      expect.stringContaining('"calls":30') as string,
    ]);
  });

  it('at the end writes everything once, and says what it could not', async () => {
    const full = aJournal();
    for (let n = 0; n < 450; n += 1) full.journal.note('acme', aCall());
    await full.journal.flush();
    expect(full.stored).toHaveLength(450);
    const broken = aJournal();
    broken.store.isAway = true;
    broken.journal.note('acme', aCall());
    await broken.journal.flush();
    expect(broken.logged.join('')).toContain('"calls":1');
    expect(jest.getTimerCount()).toBe(0);
  });
});
