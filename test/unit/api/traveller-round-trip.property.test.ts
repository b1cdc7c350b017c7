import * as fc from 'fast-check';
import { type ProfileSections } from '../../../profile';
import { fullProfileSections, profileSections, profileStatus } from '../../support/concur/arbitraries';
import { aBench, type Bench, call, entityIn, json } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
});
afterAll(() => bench.close());

let count = 0;

/** A traveller as a pull may have stored it: read-only fields and all. */
async function stored(sections: ProfileSections, status: 'active' | 'inactive'): Promise<string> {
  count += 1;
  const id = `T${count}`;
  await bench.store.travellers.upsert(
    { entityId: 'acme', id, username: `${id}@example.test`, status, sections },
    { now: bench.clock.now() },
  );
  return `/v1/entities/acme/travellers/${id}`;
}

const anySections = fc.oneof(
  { weight: 4, arbitrary: profileSections },
  { weight: 1, arbitrary: fullProfileSections },
);

/** What was read is sent back by a key with these scopes: nothing may change. */
async function sendsBack(
  method: 'PUT' | 'PATCH',
  sections: ProfileSections,
  status: 'active' | 'inactive',
  key: string,
): Promise<void> {
  const url = await stored(sections, status);
  const before = await call(bench, `GET ${url}`);
  const shown = json(await call(bench, `GET ${url}`, { key }));
  const answer = await call(bench, `${method} ${url}`, { body: shown, key });
  expect({ status: answer.statusCode, body: answer.statusCode === 200 ? '' : answer.body }).toEqual({
    status: 200,
    body: '',
  });
  const after = await call(bench, `GET ${url}`);
  expect(after.headers.etag).toBe(before.headers.etag);
  expect(after.body).toBe(before.body);
}

const RUNS = { numRuns: 40 };

describe('GET → PUT', () => {
  it('changes nothing, whatever the traveller', async () => {
    await fc.assert(
      fc.asyncProperty(anySections, profileStatus, (sections, status) =>
        sendsBack('PUT', sections, status, bench.key('read', 'write', 'sensitive')),
      ),
      RUNS,
    );
  });

  it('changes nothing when it was masked', async () => {
    await fc.assert(
      fc.asyncProperty(anySections, profileStatus, (sections, status) =>
        sendsBack('PUT', sections, status, bench.key('read', 'write')),
      ),
      RUNS,
    );
  });

  it('changes nothing for an element that lacks what Concur requires, as a pull once stored it', async () => {
    await sendsBack(
      'PUT',
      { addresses: [{ type: 'Home', street: 'Somewhere' }] },
      'active',
      bench.key('read', 'write'),
    );
  });
});

describe('GET → PATCH', () => {
  it('changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anySections, profileStatus, (sections, status) =>
        sendsBack('PATCH', sections, status, bench.key('read', 'write')),
      ),
      RUNS,
    );
  });
});
