import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { type FastifyRequest } from 'fastify';
import { parseAddressRange, type Settings } from '../../config';

/** Carries CONCUR_PUSH_SECRET; `Authorization: Bearer` does as well. Never the URL: proxies log it. */
export const PUSH_SECRET_HEADER = 'x-concordance-push-secret';
/** What a proxy says about the client's certificate, as nginx names the outcome: `SUCCESS`. */
export const CLIENT_CERTIFICATE_HEADER = 'x-ssl-client-verify';

/** Whether a request comes from whom it claims, as far as its headers tell; before the body is read. */
export type SenderCheck = (request: Pick<FastifyRequest, 'headers' | 'raw'>) => boolean;

/** Undefined when neither CONCUR_PUSH_SECRET nor TRUSTED_PROXIES is set: then there is nothing to check. */
export function createSenderCheck(
  settings: Pick<Settings, 'CONCUR_PUSH_SECRET' | 'TRUSTED_PROXIES'>,
): SenderCheck | undefined {
  const { CONCUR_PUSH_SECRET: secret, TRUSTED_PROXIES: proxies } = settings;
  if (secret === undefined && proxies.length === 0) return undefined;
  const isProxy = addressesIn(proxies);
  return ({ headers, raw }) =>
    (secret !== undefined && isSame(secretIn(headers), secret)) ||
    // The peer of the connection itself: any X-Forwarded-For could be made up.
    (headers[CLIENT_CERTIFICATE_HEADER] === 'SUCCESS' && isProxy(raw.socket.remoteAddress ?? ''));
}

const BEARER = /^Bearer +(\S+)$/i;

function secretIn(headers: FastifyRequest['headers']): string {
  const own = headers[PUSH_SECRET_HEADER];
  if (typeof own === 'string') return own;
  return BEARER.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** In constant time: digests have one length whatever was sent. */
function isSame(sent: string, expected: string): boolean {
  return timingSafeEqual(digest(sent), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function addressesIn(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseAddressRange(text);
    if (range !== undefined) list.addSubnet(range.address, range.prefix, range.family);
  }
  return (address) => {
    // How a socket for both families shows a peer of IPv4.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return plain !== '' && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
