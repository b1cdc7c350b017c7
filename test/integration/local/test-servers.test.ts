import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import { testPostgres, testTemporalServer, timeSkippingServerPath } from '../../support/local-servers';

it('a Temporal server for tests has the wanted search attributes and ends when told to', async () => {
  const server = await testTemporalServer({ searchAttributes: { ConcordanceEntity: 'Keyword' } });
  const connection = await Connection.connect({ address: server.address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: server.namespace,
  });
  expect(Object.keys(customAttributes)).toContain('ConcordanceEntity');
  await connection.close();
  await server.stop();
  await expect(Connection.connect({ address: server.address, connectTimeout: 200 })).rejects.toThrow();
}, 600_000);

it('a PostgreSQL for tests gives every test file a database of its own', async () => {
  const server = await testPostgres();
  const urls = [await server.createDatabase(), await server.createDatabase()];
  for (const url of urls) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE TABLE same_name (id int)');
    await client.end();
  }
  expect(new Set(urls).size).toBe(2);
  await server.stop();
});

it('the time-skipping server lets six months pass in a moment', async () => {
  const path = await timeSkippingServerPath();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const before = await environment.currentTimeMs();
  await environment.sleep('180 days');
  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(180 * 86_400_000);
  await environment.teardown();
}, 600_000);
