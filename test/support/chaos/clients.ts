import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from '../../../cli/api-client';
import { SandboxClient } from '../../../cli/sandbox-client';
import { type CommandEvent } from './command';

/** The API of a ready command, with the key that it left in its data folder. */
export function apiOf(ready: CommandEvent, dataDir: string): ApiClient {
  const key = readFileSync(join(dataDir, 'api-key'), 'utf8').trim();
  return new ApiClient({ base: text(ready, 'api'), key });
}

export function sandboxOf(ready: CommandEvent): SandboxClient {
  return new SandboxClient(text(ready, 'sandbox'));
}

/** A text of an event. @throws Error that shows the event */
export function text(event: CommandEvent, name: string): string {
  const value = event[name];
  if (typeof value === 'string') return value;
  throw new Error(`no ${name} in ${JSON.stringify(event)}`);
}
