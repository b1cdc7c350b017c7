import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';
import { Client as PostgresClient } from 'pg';
import { type NeedleSearch } from './needles';

/** Bytes somewhere, and where. */
export interface Place {
  readonly where: string;
  readonly bytes: Buffer;
}

/** Names of what was found where, without showing it. */
export function found(search: NeedleSearch, among: Iterable<Place>): string[] {
  return [...among].flatMap(({ where, bytes }) => search.in(bytes).map((what) => `${where}: ${what}`));
}

/** Every file below a folder; `where` is its path in it. */
export function* filesBelow(folder: string): Generator<Place> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { where: relative(folder, path), bytes: readFileSync(path) };
  }
}

/** A client as a stranger would use it: without our codec. */
export async function plainTemporalClient(
  address: string,
): Promise<{ client: TemporalClient; close: () => Promise<void> }> {
  const connection = await Connection.connect({ address });
  return { client: new TemporalClient({ connection }), close: () => connection.close() };
}

/** The history of every workflow, running or closed: as bytes, as JSON; and what the list shows of each. */
export async function* histories(client: TemporalClient): AsyncGenerator<Place> {
  for await (const execution of client.workflow.list()) {
    const where = `history of ${execution.workflowId} (${execution.runId})`;
    const handle = client.workflow.getHandle(execution.workflowId, execution.runId);
    const history = await handle.fetchHistory();
    const bytes = temporal.api.history.v1.History.encode(history).finish();
    yield { where: `${where}, bytes`, bytes: Buffer.from(bytes) };
    yield { where: `${where}, JSON`, bytes: Buffer.from(historyToJSON(history)) };
    const { raw } = await handle.describe();
    const described = temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(raw).finish();
    yield { where: `description of ${execution.workflowId}`, bytes: Buffer.from(described) };
  }
}

/** Every row of every table of the product, as text: what a dump of the database would hold. */
export async function* rows(url: string): AsyncGenerator<Place> {
  const client = new PostgresClient({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1",
    );
    for (const { name } of tables.rows) {
      const { rows: found } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      yield { where: `table ${name}`, bytes: Buffer.from(found.map(({ row }) => row).join('\n')) };
    }
  } finally {
    await client.end();
  }
}
