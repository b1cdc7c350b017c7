/**
 * Stands for `start` in a process of its own: runs the local servers with the options given as JSON and
 * prints one JSON line once they are up, or the error. Then it waits: for SIGTERM, which stops them, or
 * for SIGKILL, which leaves them.
 */
import {
  isLocalServerError,
  type LocalInfrastructureOptions,
  startLocalInfrastructure,
} from '../../../workers/local';

async function main(options: Omit<LocalInfrastructureOptions, 'env' | 'log'>): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const local = await startLocalInfrastructure({ ...options, env: process.env, log });
  const { temporal, postgres } = local;
  const idle = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(idle);
    void local.stop();
  });
  process.stdout.write(`${JSON.stringify({ pid: process.pid, temporal, postgres })}\n`);
}

main(JSON.parse(process.argv[2] ?? '{}') as Omit<LocalInfrastructureOptions, 'env' | 'log'>).catch(
  (error: unknown) => {
    const code = isLocalServerError(error) ? error.code : 'unknown';
    process.stdout.write(`${JSON.stringify({ error: { code, message: String(error) } })}\n`);
    process.exitCode = 1;
  },
);
