import { type ProfileStatus, type UnknownElement } from '../../profile';

/** One request to the simulated Concur. */
export interface SandboxRequest {
  readonly method: string;
  /** Which host was called, e.g. `https://us2.api.concursolutions.com`; absent: the first data centre. */
  readonly origin?: string;
  /** Path with query. */
  readonly path: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One answer of the simulated Concur. Header names are in lower case. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The connection breaks off in the middle of the body; `content-length` names the whole. */
  readonly truncated?: true;
}

/** The connection was closed without an answer. */
export class ConnectionReset extends Error {
  readonly code = 'ECONNRESET';
  constructor(readonly when: 'before' | 'after') {
    super(`Simulated connection reset ${when} processing.`);
    this.name = 'ConnectionReset';
  }
}

export function isConnectionReset(error: unknown): error is ConnectionReset {
  return error instanceof ConnectionReset;
}

/** What a call is, for faults, scripts, counters and logs. */
export const FUNCTION_NAMES = [
  'exchange',
  'refresh',
  'revoke',
  'summary',
  'profile-read',
  'profile-write',
  'fop-read',
  'fop-write',
  'profile-v1',
  'users-identity',
  'users-legacy',
  'unknown',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export type Scalar = string | number | boolean;
/** One element of a list as Concur stores it. */
export type Item = Readonly<Record<string, Scalar>>;
export type Value = Scalar | readonly Item[] | Tree;
/** A profile's sections, or one group in them, by the names of the element table. */
export interface Tree {
  readonly [field: string]: Value;
}

/** A profile as the simulator keeps it. Never changed in place: a write stores a new one. */
export interface StoredProfile {
  readonly uuid: string;
  readonly companyUuid: string;
  readonly loginId: string;
  readonly xmlProfileSyncId: string;
  readonly status: ProfileStatus;
  readonly sections: Tree;
  /** Elements that the table does not know, shown on reads. */
  readonly unknown: readonly UnknownElement[];
  /** By the names of the table of cards; numbers stand here in plain. */
  readonly cards?: readonly Tree[];
  /** Elements that only Travel Profile v1 shows, where they stand in its documents. */
  readonly onlyInVersion1?: readonly UnknownElement[] | undefined;
  /** Of the user in Identity v4. */
  readonly externalId?: string | undefined;
  /** Epoch milliseconds, whole seconds (docs/concur.md §3). */
  readonly modifiedAt: number;
  /** Order of changes within one second. */
  readonly sequence: number;
}

/** Where a company's data lives; its origin is what `geolocation` says. */
export interface DataCentre {
  readonly name: string;
  readonly origin: string;
}

export type Sleep = (milliseconds: number) => Promise<void>;

/** Where the simulator says what it does; every line is labelled as a simulation. */
export interface SandboxLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
