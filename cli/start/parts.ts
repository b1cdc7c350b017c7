import { type Environment, type Settings } from '../../config';
import { type DataDirClaim } from '../../workers/local/data-dir';

/** Something that runs until it is stopped. */
export interface Part {
  stop(): Promise<void>;
  /** Settles when it ends by itself; rejects with the reason. Absent: it never does. */
  readonly ended?: Promise<void>;
  /** How long its stop may take before it is left behind; absent: a minute. */
  readonly stopLimitMs?: number;
}

/** The servers that everything else needs. */
export interface Infrastructure extends Part {
  readonly databaseUrl: string;
  readonly temporal: TemporalAddress;
  /** Absent when Temporal is not the local one. */
  readonly temporalUi: string | undefined;
}

/** What runs already, and the settings that fit it. */
export interface FoundInfrastructure extends Omit<Infrastructure, 'stop'> {
  /** Pointed at the sandbox where the running start has one and the settings name no Concur application. */
  readonly settings: Settings;
  readonly simulation: boolean;
}

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
  /** True for one that the settings name: TEMPORAL_API_KEY and TEMPORAL_TLS_* apply. */
  readonly configured: boolean;
}

export interface RunningSandbox extends Part {
  readonly url: string;
  readonly url2: string;
  readonly port: number;
  readonly port2: number;
  /** What makes the worker speak to the sandbox instead of Concur. */
  readonly settings: Pick<
    Settings,
    'CONCUR_AUTH_URL' | 'CONCUR_ALLOWED_ORIGINS' | 'CONCUR_CLIENT_ID' | 'CONCUR_CLIENT_SECRET'
  >;
}

export interface StartedWorker extends Part {
  /** Where Prometheus finds its metrics. */
  readonly metrics: { readonly port: number; readonly url: string };
}

export interface RunningApi extends Part {
  readonly url: string;
}

/** Where the parts write their logs. */
export interface LogTarget {
  readonly level: Settings['LOG_LEVEL'];
  /** Absent: standard error. */
  readonly file?: string;
}

export interface ComposeOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly databaseUrl: string;
  readonly temporal: TemporalAddress;
  readonly log: LogTarget;
}

export interface ApiOptions {
  readonly host: string;
  readonly port: number;
  /** Origin of the local Temporal UI, which may have payloads decoded. */
  readonly uiOrigin?: string;
  /** A sandbox stands in for Concur. */
  readonly simulation: boolean;
}

/** Worker and API over one store and one connection to Temporal. Each step is done once, in this order. */
export interface Composition {
  /** Opens the store, brings its schema up to date and sees to the bootstrap key. */
  openStore(): Promise<Part>;
  /** Connects, and registers search attributes and schedules where they are missing. */
  prepareTemporal(settings: Settings): Promise<Part>;
  /** @param settings those of the composition, or pointed at the sandbox */
  startWorker(settings: Settings): Promise<StartedWorker>;
  startApi(settings: Settings, options: ApiOptions): Promise<RunningApi>;
}

export interface InfrastructureOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly claim: DataDirClaim;
  /** Where the Temporal UI has payloads decoded. */
  readonly codecEndpoint: string;
  readonly log: (line: string) => void;
}

export interface SandboxOptions {
  readonly settings: Settings;
  readonly log: LogTarget;
}

/** What `start` and the commands of one part are made of; the real ones are in `compose.ts`. */
export interface Parts {
  /** @throws LocalServerError `already-started` */
  claim(dataDir: string): Promise<DataDirClaim>;
  /** @throws LocalServerError `port-in-use`, in one line that names the setting */
  requireFreePort(port: number, settingName: string, host: string): Promise<void>;
  /** The port of the last time where it is free, else any free one. */
  freePort(remembered: number | undefined): Promise<number>;
  startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure>;
  /** The servers of a `start` that runs on the same DATA_DIR, for what the settings do not name. */
  findInfrastructure(settings: Settings): Promise<FoundInfrastructure>;
  startSandbox(options: SandboxOptions): Promise<RunningSandbox>;
  compose(options: ComposeOptions): Composition;
}
