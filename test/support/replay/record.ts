import { type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestTemporalServer } from '../local-servers';
import { playScene } from '../workflow/environment';
import { FakeActivities } from '../workflow/fake-activities';
import { devServer } from '../workflow/servers';
import { scenarios } from './scenarios';

/** `record.ts <folder> [scenario …]`: plays scenarios on a dev server and keeps their histories. */
async function main(): Promise<void> {
  const [folder = '.', ...wanted] = process.argv.slice(2);
  const names = wanted.length > 0 ? wanted : Object.keys(scenarios);
  await recordAll(
    folder,
    names.filter((name) => !isContinued(name)),
  );
  await recordAll(folder, names.filter(isContinued), { suggestContinueAsNewAfter: 30 });
}

const isContinued = (name: string): boolean => name.endsWith('-continued');

async function recordAll(
  folder: string,
  names: readonly string[],
  options: Parameters<typeof devServer>[0] = {},
): Promise<void> {
  if (names.length === 0) return;
  const server = await devServer(options);
  try {
    for (const name of names) await record(server, folder, name);
  } finally {
    await server.stop();
  }
}

async function record(server: TestTemporalServer, folder: string, name: string): Promise<void> {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
  const fakes = new FakeActivities();
  const started: WorkflowHandle[] = [];
  const play = { server, cached: true, deadlineMs: 120_000 };
  await playScene(
    fakes,
    async (scene) => {
      const recorded = await scenario({
        scene: {
          ...scene,
          async start(type, id, input) {
            const handle = await scene.start(type, id, input);
            started.push(handle);
            return handle;
          },
        },
        fakes,
        entityId: name,
      });
      await writeFile(join(folder, `${name}.json`), `${historyToJSON(await recorded.fetchHistory())}\n`);
      process.stderr.write(`recorded ${name}\n`);
      for (const handle of started) {
        const { status } = await handle.describe();
        // The next scenario's worker must not find it.
        if (status.name === 'RUNNING') await handle.terminate('recorded');
      }
    },
    play,
  );
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
