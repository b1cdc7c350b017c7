import { type FastifyRequest } from 'fastify';
import { Problem } from '../problem';

/** `If-Match` and `If-None-Match: *` of a write. */
export interface Preconditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

export function preconditionsOf(request: FastifyRequest): Preconditions {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}

/** The entity tag of a traveller's content; how it stands with Concur is not part of it. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * @param version undefined when there is no such traveller
 * @throws Problem 412
 */
export function requirePreconditions(preconditions: Preconditions, version: number | undefined): void {
  const { ifMatch, ifNoneMatch } = preconditions;
  if (ifMatch !== undefined && !names(ifMatch, version)) {
    throw failed('The traveller is not at the version that If-Match names. Read it again.', version);
  }
  if (ifNoneMatch !== undefined && names(ifNoneMatch, version)) {
    throw failed('If-None-Match wants a traveller that is not there yet.', version);
  }
}

function names(header: string, version: number | undefined): boolean {
  if (version === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(etagOf(version));
}

function failed(detail: string, version: number | undefined): Problem {
  const etag = version === undefined ? {} : { etag: etagOf(version) };
  return new Problem(412, 'precondition-failed', detail, etag);
}
