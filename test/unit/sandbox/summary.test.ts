import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { Bench, codes, logins, US } from './support';

const ALL = { LastModifiedDate: '1900-01-01T12:00:00' };

function withProfiles(count: number): Bench {
  const bench = new Bench({ travelConfigIds: ['1000', '2000'] });
  for (let n = 1; n <= count; n += 1) {
    bench.admin.setClock({ advanceMs: 1_000 });
    const travelConfigId = n % 2 === 0 ? '2000' : '1000';
    bench.seed(`traveller-${n}`, { general: { travelConfigId } });
  }
  return bench;
}

describe('the summary list of the simulated Concur', () => {
  it('refuses to answer without LastModifiedDate, and times that are not whole seconds', async () => {
    const bench = new Bench();
    expect((await bench.summary({ Page: '1' })).status).toBe(400);
    expect((await bench.summary({ LastModifiedDate: '2026-03-01T08:00:00.5Z' })).status).toBe(400);
    expect((await bench.summary({ ...ALL, ItemsPerPage: '201' })).status).toBe(400);
    expectViolations(bench.admin, ['bad-query', 'bad-query', 'bad-query']);
  });

  it('shows login, sync id, status and whole-second stamp, but no UUID', async () => {
    const bench = withProfiles(1);
    const { xmlProfileSyncId, uuid } = bench.stored('traveller-1');
    const { body } = await bench.summary(ALL);
    expect(body).toContain('<ProfileLastModifiedUTC>2026-03-01T08:00:01</ProfileLastModifiedUTC>');
    expect(body).toContain(`<XmlProfileSyncID>${xmlProfileSyncId}</XmlProfileSyncID>`);
    expect(body).toContain('<Status>Active</Status>');
    expect(body).not.toContain(uuid);
  });

  it('lists what was changed after the given second, not in it', async () => {
    const bench = withProfiles(3);
    expect(logins(await bench.summary({ LastModifiedDate: '2026-03-01T08:00:02' }))).toEqual(['traveller-3']);
    expect(logins(await bench.summary({ LastModifiedDate: '2026-03-01T08:00:01' }))).toHaveLength(2);
  });

  it('pages, and answers a page out of range with no rows', async () => {
    const bench = withProfiles(5);
    const second = await bench.summary({ ...ALL, Page: '2', ItemsPerPage: '2' });
    expect(logins(second)).toEqual(['traveller-3', 'traveller-4']);
    expect(second.body).toContain('<TotalPages>3</TotalPages><TotalItems>5</TotalItems><Page>2</Page>');
    expect(second.body).toContain(`${US}/api/travelprofile/v2.0/summary?`);
    const outside = await bench.summary({ ...ALL, Page: '9', ItemsPerPage: '2' });
    expect(outside.status).toBe(200);
    expect(logins(outside)).toEqual([]);
  });

  it('numbers its pages over a moving set: an edit between two pages hides a row from the second', async () => {
    const bench = withProfiles(4);
    const page = (number: string) => bench.summary({ ...ALL, Page: number, ItemsPerPage: '2' });
    const first = logins(await page('1'));
    bench.admin.setClock({ advanceMs: 1_000 });
    bench.admin.editProfile('traveller-1', { sections: { general: { jobTitle: 'Tester' } } });
    const second = logins(await page('2'));
    expect(first).toEqual(['traveller-1', 'traveller-2']);
    expect(second).toEqual(['traveller-4', 'traveller-1']);
  });

  it('filters by status in both documented spellings and shows both without a filter', async () => {
    const bench = withProfiles(2);
    bench.admin.editProfile('traveller-1', { status: 'inactive' });
    expect(logins(await bench.summary({ ...ALL, Active: '1' }))).toEqual(['traveller-2']);
    expect(logins(await bench.summary({ ...ALL, Active: '0' }))).toEqual(['traveller-1']);
    expect(logins(await bench.summary({ ...ALL, Status: '"Active"' }))).toEqual(['traveller-2']);
    expect(logins(await bench.summary(ALL))).toHaveLength(2);
  });

  it('filters by travel config and refuses one that is not the company’s with EC4', async () => {
    const bench = withProfiles(4);
    const guide = { userid_type: 'login', userid_value: 'ALL', includeMetadata: 'true' };
    expect(logins(await bench.summary({ ...ALL, ...guide, travelConfigs: '2000' }))).toEqual([
      'traveller-2',
      'traveller-4',
    ]);
    expect(logins(await bench.summary({ ...ALL, travelConfigs: '1000,2000' }))).toHaveLength(4);
    expect(codes(await bench.summary({ ...ALL, travelConfigs: '1000,9999' }))).toEqual(['EC4']);
  });

  it('shows a company only its own profiles', async () => {
    const bench = withProfiles(1);
    bench.admin.putCompany({ companyUuid: 'company-two' });
    bench.admin.seedProfile({ companyUuid: 'company-two', loginId: 'stranger' });
    expect(logins(await bench.summary(ALL))).toEqual(['traveller-1']);
    expect((await bench.read('stranger')).body).toContain('Invalid User:stranger');
  });
});
