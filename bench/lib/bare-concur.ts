import { randomUUID } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { Agent, request } from 'undici';
import { type AccessToken } from '../../concur/connection';

const PAGE_SIZE = 200;

export interface BareAnswer {
  readonly status: number;
  /** What fast-xml-parser makes of the body. */
  readonly document: unknown;
}

/**
 * The yardstick: undici and fast-xml-parser and nothing else. No checks, no errors in words, no retries, no
 * merge, no store: what no client of Concur can do without.
 */
export class BareConcur {
  readonly #agent = new Agent({ keepAliveTimeout: 30_000, connections: 64 });
  readonly #parser = new XMLParser({ ignoreAttributes: false });

  constructor(private readonly token: AccessToken) {}

  async list(
    since: Date,
    travelConfigId: string,
    page: number,
  ): Promise<{ logins: string[]; totalPages: number }> {
    const { document } = await this.#call(
      'GET',
      `/api/travelprofile/v2.0/summary?LastModifiedDate=${since.toISOString().slice(0, 19)}` +
        `&travelConfigs=${travelConfigId}&userid_type=login&userid_value=ALL&includeMetadata=true` +
        `&Page=${page}&ItemsPerPage=${PAGE_SIZE}`,
    );
    const rows = at(document, 'ConnectResponse', 'Data', 'ProfileSummary');
    const items: readonly unknown[] = Array.isArray(rows) ? rows : [rows];
    return {
      logins: items.flatMap((row) => {
        const login = at(row, 'LoginID');
        return typeof login === 'string' ? [login] : [];
      }),
      totalPages: Number(at(document, 'ConnectResponse', 'Metadata', 'Paging', 'TotalPages')),
    };
  }

  read(login: string): Promise<BareAnswer> {
    return this.#call(
      'GET',
      `/api/travelprofile/v2.0/profile?userid_type=login&userid_value=${encodeURIComponent(login)}`,
    );
  }

  write(xml: string): Promise<BareAnswer> {
    return this.#call('POST', '/api/travelprofile/v2.0/profile', xml);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #call(method: 'GET' | 'POST', path: string, body?: string): Promise<BareAnswer> {
    const response = await request(this.token.origin + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.token.value}`,
        accept: 'application/xml',
        'content-type': 'application/xml',
        'concur-correlationid': randomUUID(),
      },
      ...(body === undefined ? {} : { body }),
    });
    const document: unknown = this.#parser.parse(await response.body.text());
    return { status: response.statusCode, document };
  }
}

/** A value in what fast-xml-parser returns; undefined where the way to it does not exist. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}

/** Runs `work` over all items, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}
