import { open } from 'node:fs/promises';
import { type PostgresAccount } from './postgres-account';

/** A folder by a path that the PostgreSQL process can use. */
export interface PostgresFolder {
  readonly path: string;
  /** To be handed to the child as file descriptor 3. */
  readonly descriptor: number | undefined;
  close(): Promise<void>;
}

/**
 * Where PostgreSQL runs as another user than we do (we being root), the way to its data may lead
 * through folders closed to that user, such as /root or a DATA_DIR of mode 0700. On Linux the child
 * then gets the folder as an open file and reaches it as /proc/self/fd/3, without passing through them:
 * nothing has to be opened up or kept outside DATA_DIR.
 */
export async function openFolder(
  path: string,
  account: PostgresAccount | undefined,
): Promise<PostgresFolder> {
  if (account === undefined || process.platform !== 'linux') {
    return { path, descriptor: undefined, close: () => Promise.resolve() };
  }
  const handle = await open(path, 'r');
  return { path: '/proc/self/fd/3', descriptor: handle.fd, close: () => handle.close() };
}
