import {
  type ConflictEntry,
  type Direction,
  type EventRecord,
  type QuarantineEntry,
  type RequestRecord,
  type RequestRefusal,
} from '../types';
import { type At, type Page, type PageQuery } from './paging';

export interface QuarantineRecord extends Omit<QuarantineEntry, 'message'> {
  readonly id: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly attempts: number;
  readonly resolvedAt?: Date;
  readonly resolution?: 'resolved' | 'dismissed';
}

export interface Quarantine {
  /** Open entries unless `includeClosed`. */
  list(
    query: PageQuery & {
      readonly entityId?: string;
      readonly travellerId?: string;
      readonly direction?: Direction;
      readonly includeClosed?: boolean;
    },
  ): Promise<Page<QuarantineRecord>>;
  /** @throws QuarantineUnknown */
  get(id: string): Promise<QuarantineRecord>;
  /** Concur's own text, opened; undefined where there is none. May hold personal data. */
  message(id: string): Promise<string | undefined>;
  open(entries: readonly QuarantineEntry[], at: At): Promise<void>;
  resolve(id: string, at: At): Promise<QuarantineRecord>;
  dismiss(id: string, at: At): Promise<QuarantineRecord>;
  /**
   * Lets the record be tried again: a blocked publish becomes due, a failed read is no longer known as seen.
   * Counts an attempt. `woke` as with Travellers.upsert. @throws QuarantineUnknown
   */
  retry(id: string, at: At): Promise<{ readonly record: QuarantineRecord; readonly woke: boolean }>;
  /** The same for all open entries of an entity with a code. @throws EntityUnknown */
  retryAll(
    query: { readonly entityId: string; readonly code: string },
    at: At,
  ): Promise<{ readonly retried: Readonly<Record<Direction, number>>; readonly woke: boolean }>;
  /** Open entries per entity (all entities when none is named). */
  counts(entityId?: string): Promise<Map<string, number>>;
}

export interface ConflictSummary {
  readonly id: string;
  readonly entityId: string;
  readonly travellerId: string;
  readonly section: string;
  readonly winner: 'hub' | 'concur';
  readonly at: Date;
  readonly restoredAt?: Date;
}
/** With slot and both values opened: sensitive. */
export type ConflictRecord = ConflictSummary & Pick<ConflictEntry, 'slot' | 'hubValue' | 'concurValue'>;

export interface Conflicts {
  list(
    query: PageQuery & { readonly entityId?: string; readonly travellerId?: string },
  ): Promise<Page<ConflictSummary>>;
  listOpened(
    query: PageQuery & { readonly entityId?: string; readonly travellerId?: string },
  ): Promise<Page<ConflictRecord>>;
  /** @throws ConflictUnknown */
  get(id: string): Promise<ConflictRecord>;
  markRestored(id: string, at: At): Promise<void>;
}

export interface Events {
  /** Idempotent by id. True when it is new. */
  add(event: EventRecord): Promise<boolean>;
  list(query: PageQuery & { readonly entityId?: string; readonly kind?: string }): Promise<Page<EventRecord>>;
}

export interface Requests {
  /** Idempotent by id: the stored one is returned. */
  create(
    request: Pick<RequestRecord, 'id' | 'entityId' | 'kind' | 'payload'>,
    at: At,
  ): Promise<{ readonly created: boolean; readonly request: RequestRecord }>;
  get(id: string): Promise<RequestRecord | undefined>;
  /** The newest of a kind that was accepted for an entity, whatever became of it. */
  latest(entityId: string, kind: string): Promise<RequestRecord | undefined>;
  markDelivered(id: string, at: At): Promise<void>;
  /** Delivered, and refused by its workflow for good. */
  markRefused(id: string, refusal: RequestRefusal, at: At): Promise<void>;
  /** Counts an attempt. `error`: in words, without personal data. */
  markFailed(id: string, error: string): Promise<void>;
  /** Undelivered ones created before that instant, oldest first. */
  pending(query: { readonly limit: number; readonly createdBefore: Date }): Promise<RequestRecord[]>;
  /** Deletes delivered ones created before that instant. */
  purge(createdBefore: Date): Promise<number>;
}

export const API_SCOPES = ['read', 'write', 'admin', 'sensitive'] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}

export interface ApiKeys {
  /** `key` is shown this once: only its SHA-256 is stored. */
  create(
    definition: { readonly name: string; readonly scopes: readonly ApiScope[] },
    at: At,
  ): Promise<{ readonly apiKey: ApiKey; readonly key: string }>;
  /** By `hashApiKey(key)`; undefined when unknown or revoked. */
  verify(hash: string): Promise<{ readonly id: string; readonly scopes: readonly ApiScope[] } | undefined>;
  list(query: PageQuery): Promise<Page<ApiKey>>;
  /** False when there is no such key. */
  revoke(id: string, at: At): Promise<boolean>;
  /** Makes this key the bootstrap key (id `bootstrap`, all scopes), in place of an earlier one. */
  ensureBootstrap(key: string, at: At): Promise<void>;
}

/** Request and response of a failed call: free of secrets before they come here, bounded. */
export interface CallExchange {
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: string;
  /** Absent where there was no answer. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

/** Of a call, what is personal; stored sealed. */
export interface CallContent {
  /** Login or UUID of the profile that the call was about. */
  readonly user?: string;
  /** Only of calls that failed. */
  readonly exchange?: CallExchange;
}

/** One HTTP call to a travel system: the journal a support case is made from. */
export interface CallRecord {
  readonly id: string;
  readonly entityId: string;
  readonly at: Date;
  readonly system: 'concur' | 'amadeus-csx';
  /** Name of the call, e.g. `readProfile`. */
  readonly function?: string;
  readonly method: string;
  readonly origin?: string;
  /** The route's template, never the URL: URLs hold logins. */
  readonly route: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  readonly durationMs: number;
  readonly correlationIdSent?: string;
  /** The other side's. */
  readonly correlationId?: string;
  readonly travellerId?: string;
  /** Stable code of the failure; absent: a success. */
  readonly errorCode?: string;
  /** The other side's clock. */
  readonly serverDate?: Date;
  readonly content?: CallContent;
}

export type CallSummary = Omit<CallRecord, 'content'>;

export interface CallQuery extends PageQuery {
  readonly entityId?: string;
  /** Sent or returned. */
  readonly correlationId?: string;
  readonly travellerId?: string;
  /** Only calls that failed. */
  readonly failed?: boolean;
  readonly function?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** From the last id to the first. */
  readonly newestFirst?: boolean;
}

export interface Calls {
  /**
   * Idempotent by id. What is personal is left out where the entity's key was shredded or is not in the ring.
   */
  add(calls: readonly CallRecord[]): Promise<void>;
  list(query: CallQuery): Promise<Page<CallSummary>>;
  /** Without opening what is sealed. */
  find(id: string): Promise<CallSummary | undefined>;
  /** With the content opened. @throws KeyMissing, SealBroken */
  get(id: string): Promise<CallRecord | undefined>;
  /** Deletes calls before that instant; CALL_JOURNAL_DAYS. */
  purge(before: Date): Promise<number>;
}
