import { type Dispatcher } from 'undici';
import { type z } from 'zod';
import * as types from './api-types';
import { ApiProblem, CliError } from './errors';
import { type Received, sendJson, type Sent } from './http';

const PAGE = 500;
const SUCCESS = { from: 200, below: 300 } as const;

/** A value as one part of a path. */
const part = encodeURIComponent;

export interface ApiClientOptions {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly base: string;
  /** Absent: the API answers 401, and the message says where a key comes from. */
  readonly key?: string | undefined;
  readonly dispatcher?: Dispatcher;
}

export interface Listing {
  /** Stop after that many; absent: all. */
  readonly limit?: number | undefined;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/**
 * The API as the commands use it. Every method throws ApiProblem where the API refuses and Unreachable where
 * it does not answer; both messages say what to do.
 */
export class ApiClient {
  constructor(private readonly options: ApiClientOptions) {}

  get base(): string {
    return this.options.base;
  }

  // Entities

  async addEntity(
    definition: unknown,
  ): Promise<{ readonly created: boolean; readonly entity: types.Entity }> {
    const received = await this.send({ method: 'POST', path: '/v1/entities', body: definition });
    return { created: received.status === 201, entity: this.read(types.entitySchema, received) };
  }

  entities(listing: Listing = {}): Promise<types.Entity[]> {
    return this.list('/v1/entities', types.entitySchema, listing);
  }

  entity(id: string): Promise<types.Entity> {
    return this.get(`/v1/entities/${part(id)}`, types.entitySchema);
  }

  async patchEntity(id: string, change: unknown): Promise<types.Entity> {
    return this.read(types.entitySchema, await this.patch(`/v1/entities/${part(id)}`, change));
  }

  agency(id: string): Promise<types.Agency> {
    return this.get(`/v1/agencies/${part(id)}`, types.agencySchema);
  }

  async patchAgency(id: string, change: unknown): Promise<types.Agency> {
    return this.read(types.agencySchema, await this.patch(`/v1/agencies/${part(id)}`, change));
  }

  act(id: string, action: 'pause' | 'resume' | 'offboard' | 'poll' | 'publish', body: unknown = {}) {
    return this.post(`/v1/entities/${part(id)}/${action}`, types.acceptedSchema, body);
  }

  openWindow(id: string, issuedAt?: string): Promise<types.Accepted> {
    const path = `/v1/entities/${part(id)}/request-token/window`;
    return this.post(path, types.acceptedSchema, issuedAt === undefined ? {} : { issuedAt });
  }

  submitToken(id: string, requestToken: string, issuedAt?: string): Promise<types.Accepted> {
    const body = { requestToken, ...(issuedAt === undefined ? {} : { issuedAt }) };
    return this.post(`/v1/entities/${part(id)}/request-token`, types.acceptedSchema, body);
  }

  // Migrations

  startMigration(id: string, body: { readonly strategy: string }): Promise<{ readonly number: number }> {
    return this.post(`/v1/entities/${part(id)}/migrations`, types.migrationStartedSchema, body);
  }

  migrations(id: string): Promise<types.Migration[]> {
    return this.list(`/v1/entities/${part(id)}/migrations`, types.migrationSchema, {});
  }

  migration(id: string, number: number): Promise<types.Migration> {
    return this.get(`/v1/entities/${part(id)}/migrations/${number}`, types.migrationSchema);
  }

  /** Items one after the other; whoever has found what he looks for stops asking for further pages. */
  migrationItems(id: string, number: number, listing: Listing = {}): AsyncGenerator<types.MigrationItem> {
    const path = `/v1/entities/${part(id)}/migrations/${number}/items`;
    return this.each(path, types.migrationItemSchema, listing);
  }

  migrationItem(id: string, number: number, travellerId: string): Promise<types.MigrationItem> {
    const path = `/v1/entities/${part(id)}/migrations/${number}/items/${part(travellerId)}`;
    return this.get(path, types.migrationItemSchema);
  }

  decide(id: string, number: number, decision: 'approve' | 'reject' | 'cancel', body: unknown = {}) {
    const path = `/v1/entities/${part(id)}/migrations/${number}/${decision}`;
    return this.post(path, types.acceptedSchema, body);
  }

  // Travellers

  travellers(id: string, listing: Listing = {}): Promise<types.TravellerView[]> {
    return this.list(`/v1/entities/${part(id)}/travellers`, types.travellerSchema, listing);
  }

  traveller(id: string, travellerId: string): Promise<types.TravellerView> {
    return this.get(`/v1/entities/${part(id)}/travellers/${part(travellerId)}`, types.travellerSchema);
  }

  /** @returns whether it was new */
  async putTraveller(id: string, travellerId: string, traveller: unknown): Promise<boolean> {
    const path = `/v1/entities/${part(id)}/travellers/${part(travellerId)}`;
    return (await this.send({ method: 'PUT', path, body: traveller })).status === 201;
  }

  async patchTraveller(id: string, travellerId: string, change: unknown): Promise<types.TravellerView> {
    const path = `/v1/entities/${part(id)}/travellers/${part(travellerId)}`;
    return this.read(types.travellerSchema, await this.patch(path, change));
  }

  // Reconciliations

  reconcile(id: string, repair: boolean): Promise<types.ReconcileAccepted> {
    return this.post(`/v1/entities/${part(id)}/reconcile`, types.reconcileAcceptedSchema, { repair });
  }

  reconciliations(id: string): Promise<types.Reconciliation[]> {
    return this.list(`/v1/entities/${part(id)}/reconciliations`, types.reconciliationSchema, {});
  }

  reconciliation(id: string, number: number): Promise<types.Reconciliation> {
    return this.get(`/v1/entities/${part(id)}/reconciliations/${number}`, types.reconciliationSchema);
  }

  reconciliationItems(
    id: string,
    number: number,
    listing: Listing = {},
  ): Promise<types.ReconciliationItem[]> {
    const path = `/v1/entities/${part(id)}/reconciliations/${number}/items`;
    return this.list(path, types.reconciliationItemSchema, listing);
  }

  // Records

  quarantine(listing: Listing = {}): Promise<types.QuarantineView[]> {
    return this.list('/v1/quarantine', types.quarantineSchema, listing);
  }

  quarantined(id: string): Promise<types.QuarantineView> {
    return this.get(`/v1/quarantine/${part(id)}`, types.quarantineSchema);
  }

  resolveQuarantine(id: string, how: 'retry' | 'dismiss'): Promise<types.Accepted> {
    return this.post(`/v1/quarantine/${part(id)}/${how}`, types.acceptedSchema, {});
  }

  retryQuarantined(entity: string, code: string): Promise<types.Retried> {
    return this.post('/v1/quarantine/retry', types.retriedSchema, { entity, code });
  }

  conflicts(listing: Listing = {}): Promise<types.ConflictView[]> {
    return this.list('/v1/conflicts', types.conflictSchema, listing);
  }

  /** @param over the traveller's version: puts it back although the element has changed */
  async restoreConflict(id: string, over?: string): Promise<types.Accepted> {
    const headers = over === undefined ? {} : { 'if-match': `"${over}"` };
    const path = `/v1/conflicts/${part(id)}/restore`;
    return this.read(types.acceptedSchema, await this.send({ method: 'POST', path, body: {}, headers }));
  }

  events(listing: Listing = {}): Promise<types.EventView[]> {
    return this.list('/v1/events', types.eventSchema, listing);
  }

  calls(listing: Listing = {}): Promise<types.CallView[]> {
    return this.list('/v1/calls', types.callSchema, listing);
  }

  supportCase(callId: string): Promise<types.SupportCase> {
    return this.get(`/v1/calls/${part(callId)}/support-case`, types.supportCaseSchema);
  }

  rotateKeys(): Promise<types.KeyRotation> {
    return this.post('/v1/keys/rotate', types.keyRotationSchema, {});
  }

  apiKeys(): Promise<types.ApiKeyView[]> {
    return this.list('/v1/api-keys', types.apiKeySchema, {});
  }

  createApiKey(definition: { readonly name: string; readonly scopes: readonly string[] }) {
    return this.post('/v1/api-keys', types.apiKeyCreatedSchema, definition);
  }

  async revokeApiKey(id: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `/v1/api-keys/${part(id)}` });
  }

  status(): Promise<Readonly<Record<string, unknown>>> {
    return this.get('/v1/status', types.statusSchema);
  }

  // How

  private async get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    return this.read(schema, await this.send({ method: 'GET', path }));
  }

  private async post<T extends z.ZodType>(path: string, schema: T, body: unknown): Promise<z.output<T>> {
    const received = await this.send({ method: 'POST', path, body });
    return this.read(schema, received.value === undefined ? { ...received, value: {} } : received);
  }

  private patch(path: string, body: unknown): Promise<Received> {
    return this.send({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
  }

  private async list<T extends z.ZodType>(path: string, item: T, listing: Listing): Promise<z.output<T>[]> {
    const items: z.output<T>[] = [];
    for await (const each of this.each(path, item, listing)) items.push(each);
    return items;
  }

  private async *each<T extends z.ZodType>(
    path: string,
    item: T,
    listing: Listing,
  ): AsyncGenerator<z.output<T>> {
    const schema = types.pageSchema(item);
    let left = listing.limit ?? Infinity;
    let cursor: string | undefined;
    do {
      const query = { ...listing.query, cursor, limit: Math.min(left, PAGE) };
      const page = this.read(schema, await this.send({ method: 'GET', path, query }));
      for (const each of page.items.slice(0, left)) yield each;
      left -= page.items.length;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && left > 0);
  }

  private async send(sent: Sent): Promise<Received> {
    const { base, key, dispatcher } = this.options;
    const headers = {
      ...sent.headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const hint = 'Start it with `npx concordance start`, or set API_HOST and API_PORT to where it runs.';
    const received = await sendJson(base, { ...sent, headers }, hint, dispatcher);
    if (received.status >= SUCCESS.from && received.status < SUCCESS.below) return received;
    throw problemOf(received, this.options);
  }

  private read<T extends z.ZodType>(schema: T, received: Received): z.output<T> {
    const parsed = schema.safeParse(received.value);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new CliError(
      'unexpected-answer',
      `What answers at ${this.base} is not the API this command knows (${where === '' ? 'body' : where}). ` +
        'Use the command and the API of the same version.',
      { cause: parsed.error },
    );
  }
}

function problemOf({ status, value }: Received, options: ApiClientOptions): ApiProblem {
  const parsed = types.problemSchema.safeParse(value);
  const problem = parsed.success ? parsed.data : {};
  const code = problem.code ?? `http-${status}`;
  const words = problem.detail ?? problem.title ?? `The API at ${options.base} answered ${status}.`;
  const errors = (problem.errors ?? []).map((each) => ({
    path: Array.isArray(each.path) ? each.path.join('.') : (each.path ?? ''),
    code: each.code ?? 'invalid',
    message: each.message ?? 'is not valid',
  }));
  return new ApiProblem(status, code, `${words}${adviceFor(status, options)}`, errors);
}

function adviceFor(status: number, { key }: ApiClientOptions): string {
  if (status === 401 && key === undefined) {
    return ' No API key was found: set API_KEY, or DATA_DIR to the folder of a running `start`.';
  }
  if (status === 401) return ' The API key is not known there: check API_KEY, or DATA_DIR/api-key.';
  if (status === 403) return ' Use an API key with that scope (`concordance apikey create --scope …`).';
  return '';
}
