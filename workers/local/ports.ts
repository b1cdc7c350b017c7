import { connect, createServer } from 'node:net';
import { errorCode, LocalServerError } from './errors';

const LOOPBACK = '127.0.0.1';

/** A port that nobody listens on at this moment. */
export async function freePort(host: string = LOOPBACK): Promise<number> {
  return await bindOnce(0, host);
}

/** Whether this process could listen there. */
export async function isPortFree(port: number, host: string = LOOPBACK): Promise<boolean> {
  try {
    await bindOnce(port, host);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

/**
 * Checks that a port the user chose can be listened on.
 * @param settingName the setting to change, named in the message
 * @throws LocalServerError `port-in-use` or `port-not-allowed`, one line
 */
export async function requireFreePort(
  port: number,
  settingName: string,
  host: string = LOOPBACK,
): Promise<void> {
  try {
    await bindOnce(port, host);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EADDRINUSE') {
      throw new LocalServerError(
        'port-in-use',
        `${settingName}: port ${port} is in use. End the program that uses it, or set ${settingName} to another port (0: a free one).`,
        { cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new LocalServerError(
        'port-not-allowed',
        `${settingName}: port ${port} may not be used by this user. Set ${settingName} to a port above 1023 (0: a free one).`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The port that the settings name, or any free one where it is taken or 0. */
export async function portOrFree(port: number, host: string = LOOPBACK): Promise<number> {
  return port !== 0 && (await isPortFree(port, host)) ? port : await freePort(host);
}

/** The port of the last run if it is free again, else any free one: addresses stay as they were known. */
export async function rememberedOrFreePort(remembered: number | undefined): Promise<number> {
  if (remembered !== undefined && (await isPortFree(remembered))) return remembered;
  return await freePort();
}

/** Whether something accepts connections there. */
export async function isListening(port: number, host: string = LOOPBACK): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 });
    const done = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

async function bindOnce(port: number, host: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
