import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LightMyRequestResponse } from 'fastify';
import { type Bench } from './support';

export const SECRET = 'push-secret-made-up';
export const EVENTS = '/v1/concur/events';
export const NOTIFICATIONS = '/v1/concur/notifications';
/** Of every entity that `entityIn` makes. */
export const COMPANY = '7b1b1f0e-0000-4000-8000-000000000001';

export interface Push {
  readonly url?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose connection it is. */
  readonly from?: string;
}

/** Posts a push; with the secret unless other headers are given. */
export function push(bench: Bench, options: Push = {}): Promise<LightMyRequestResponse> {
  return bench.api.inject({
    method: 'POST',
    url: options.url ?? EVENTS,
    remoteAddress: options.from ?? '127.0.0.1',
    headers: {
      'content-type': 'application/json',
      ...(options.headers ?? { 'x-concordance-push-secret': SECRET }),
    },
    payload: options.body ?? anEvent('event'),
  });
}

/** The text of an event. */
export function anEvent(id: string, facts: object = {}, more: object = {}): string {
  return JSON.stringify({
    id,
    eventType: 'TravelProfileUpdated',
    topic: 'public.concur.user.travel.profile',
    facts: {
      companyId: COMPANY,
      userId: '7b1b1f0e-0000-4000-8000-00000000abcd',
      originator: 'UI',
      attributes: ['General.JobTitle'],
      ...facts,
    },
    ...more,
  });
}

export interface Signer {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

export const KINDS = ['ed25519', 'rsa', 'ec'] as const;

export function aSigner(id: string, kind: (typeof KINDS)[number] = 'ed25519'): Signer {
  const { privateKey, publicKey } = pairOf(kind);
  return { id, privateKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

function pairOf(kind: (typeof KINDS)[number]) {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return generateKeyPairSync('ed25519');
}

/** The header as docs/api.md has it. */
export function signatureOf(signer: Signer, body: string, seconds: number, keyId = signer.id): string {
  const signed = Buffer.from(`${seconds}.${keyId}.${body}`, 'utf8');
  const algorithm = signer.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return `t=${seconds},kid=${keyId},v1=${sign(algorithm, signed, signer.privateKey).toString('base64')}`;
}

/** A file for CONCUR_PUSH_KEYS_FILE; `remove` it at the end. */
export function keysFile(content: string): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'push-keys-'));
  const path = join(folder, 'keys.json');
  writeFileSync(path, content);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

export function keysOf(...signers: readonly Signer[]): string {
  return JSON.stringify(Object.fromEntries(signers.map(({ id, publicPem }) => [id, publicPem])));
}
