import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SandboxAdmin } from './admin';
import { handleAdmin, isAdminPath } from './admin-routes';
import { type BehaviourOverrides } from './behaviour';
import { SandboxClock } from './clock';
import { dispatch } from './dispatch';
import { Faults } from './faults';
import { type Listener, listenHttp } from './http';
import { page } from './page';
import { SeededRandom, seedOf } from './random';
import { allLines, headLine, profileLine, restoreLines } from './snapshot';
import { StateFile } from './state-file';
import {
  type DataCentre,
  type SandboxLog,
  type SandboxRequest,
  type SandboxResponse,
  type Sleep,
} from './types';
import { type ClientApplication, World } from './world';

export const SANDBOX_CLIENT: ClientApplication = {
  clientId: 'concordance-sandbox-client',
  clientSecret: 'concordance-sandbox-secret',
};
export const GLOBAL_ORIGIN = 'https://glz.api.concursolutions.com';
/** Names and in-process origins of the two data centres; a server puts them on its own ports. */
export const DATA_CENTRES: readonly DataCentre[] = [
  { name: 'us2', origin: 'https://us2.api.concursolutions.com' },
  { name: 'eu2', origin: 'https://eu2.api.concursolutions.com' },
];

const SILENT: SandboxLog = { info: () => undefined, warn: () => undefined };

export interface ConcurSandboxOptions {
  /** The same seed gives the same ids, tokens and faults. Default 1. */
  readonly seed?: string | number;
  /** Epoch milliseconds; default the machine's clock. */
  readonly now?: () => number;
  /** Default: waits in real time. */
  readonly sleep?: Sleep;
  readonly log?: SandboxLog;
  /** Default `SANDBOX_CLIENT`. */
  readonly clients?: readonly ClientApplication[];
  readonly dataCentres?: readonly DataCentre[];
  /** Exchanges for every company. Default `GLOBAL_ORIGIN`. */
  readonly globalOrigins?: readonly string[];
  readonly behaviour?: BehaviourOverrides;
  /** Keeps the state across restarts, kills too. Ids and tokens then never repeat, so they follow no seed. */
  readonly stateFile?: string;
}

export interface ListenOptions {
  /** 0 or absent: the port of the last time where a state file names it and it is free, else a free one. */
  readonly port?: number;
  /** Of the second data centre. */
  readonly port2?: number;
}

export interface Listening {
  /** Of the data centres, in their order; the first is also where request tokens are exchanged. */
  readonly ports: readonly number[];
  readonly origins: readonly string[];
}

export interface ConcurSandbox {
  /** @throws ConnectionReset where the connection would have been reset */
  handle(request: SandboxRequest): Promise<SandboxResponse>;
  /** Serves each data centre on a port of 127.0.0.1; geolocations name these from then on. */
  listen(options?: ListenOptions): Promise<Listening>;
  readonly admin: SandboxAdmin;
  /** Stops serving and closes the state file. */
  close(): Promise<void>;
}

/** A simulated SAP Concur: in-process by `handle`, over HTTP by `listen`. */
export function createConcurSandbox(options: ConcurSandboxOptions = {}): ConcurSandbox {
  const seed = options.seed ?? 1;
  const log = options.log ?? SILENT;
  const world = new World(
    new SandboxClock(options.now ?? Date.now),
    new SeededRandom(seedOf(options.stateFile === undefined ? seed : randomUUID())),
    new Faults(new SeededRandom(seedOf(`faults ${seed}`))),
    options.clients ?? [SANDBOX_CLIENT],
    options.globalOrigins ?? [GLOBAL_ORIGIN],
    options.dataCentres ?? DATA_CENTRES,
    options.sleep ?? ((milliseconds) => pause(milliseconds)),
    log,
  );
  return new Sandbox(world, options);
}

class Sandbox implements ConcurSandbox {
  readonly admin: SandboxAdmin;
  private readonly file: StateFile | undefined;
  private lastPorts: readonly number[] = [];
  private listeners: readonly Listener[] = [];

  constructor(
    private readonly world: World,
    options: ConcurSandboxOptions,
  ) {
    this.admin = new SandboxAdmin(world);
    if (options.stateFile !== undefined) {
      const file = new StateFile(options.stateFile, () => allLines(world, this.lastPorts));
      this.lastPorts = restore(world, file.read(), options.stateFile);
      world.store.onChange = (changed) => {
        if (changed === 'all') file.rewrite();
        else file.append(changed === 'head' ? headLine(world, this.lastPorts) : profileLine(changed));
      };
      this.file = file;
    }
    // Only now: what a file puts back is no change.
    world.store.onProfile = (after, before) => world.pusher.changed(after, before);
    if (options.behaviour !== undefined) this.admin.setBehaviour(options.behaviour);
  }

  async handle(request: SandboxRequest): Promise<SandboxResponse> {
    const [path = ''] = request.path.split('?');
    if (isAdminPath(path)) return handleAdmin(this.admin, request);
    if (path === '/') return page(this.world);
    return dispatch(this.world, request);
  }

  async listen(options: ListenOptions = {}): Promise<Listening> {
    const wanted = [options.port ?? 0, options.port2 ?? 0];
    const listeners: Listener[] = [];
    for (const [index, centre] of this.world.dataCentres.entries()) {
      const listener = await this.listenOn(wanted[index] ?? 0, this.lastPorts[index] ?? 0).catch(
        async (error: unknown) => {
          await Promise.all(listeners.map((each) => each.close()));
          throw error;
        },
      );
      listeners.push(listener);
      this.world.placeDataCentre(centre.name, listener.origin);
      const fields = { simulation: true, dataCentre: centre.name, origin: listener.origin };
      this.world.log.info(fields, 'simulation: simulated Concur is listening');
    }
    this.listeners = listeners;
    this.lastPorts = listeners.map(({ port }) => port);
    this.file?.rewrite();
    return { ports: this.lastPorts, origins: listeners.map(({ origin }) => origin) };
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
    this.listeners = [];
    await this.world.pusher.close();
    this.file?.close();
  }

  private async listenOn(wanted: number, last: number): Promise<Listener> {
    const handle = (request: SandboxRequest): Promise<SandboxResponse> => this.handle(request);
    if (wanted !== 0 || last === 0) return listenHttp(wanted, handle, this.world.log);
    try {
      return await listenHttp(last, handle, this.world.log);
    } catch (error) {
      const fields = { simulation: true, port: last, error: String(error) };
      this.world.log.warn(fields, 'simulation: the port of the last time is taken; another one is used');
      return listenHttp(0, handle, this.world.log);
    }
  }
}

function restore(world: World, kept: readonly string[], stateFile: string): readonly number[] {
  try {
    return restoreLines(world, kept);
  } catch (error) {
    const hint = 'Delete the file to start with an empty simulation.';
    throw new Error(`The sandbox cannot read its state file ${stateFile}. ${hint}`, { cause: error });
  }
}
