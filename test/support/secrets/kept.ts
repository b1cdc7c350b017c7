import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { tourTravellers } from '../../../cli/tour/travellers';
import { SANDBOX_CLIENT } from '../../../sandbox';
import { type Needle } from './needles';

const issued = z.array(z.tuple([z.string(), z.unknown()]));
const tokens = z.object({ request: issued, refresh: issued, access: issued });
const line = z.looseObject({ head: z.looseObject({ tokens }).optional() });

/** Files that are there to hold a secret, and which. */
export const KEY_FILES = ['api-key', 'encryption-keys', 'postgres-password'] as const;

/** Every token that the simulated Concur has given out, as it keeps them. */
export function tokensOf(dataDir: string): Needle[] {
  const lines = readFileSync(join(dataDir, 'sandbox.json'), 'utf8').split('\n').slice(0, -1);
  const heads = lines.flatMap((text) => line.parse(JSON.parse(text)).head ?? []);
  return (['request', 'refresh', 'access'] as const).flatMap((kind) => {
    const values = new Set(heads.flatMap((head) => head.tokens[kind].map(([value]) => value)));
    return [...values].map((value, index) => ({ name: `${kind} token ${index + 1}`, value }));
  });
}

/** What the key files hold. */
export function keysOf(dataDir: string): Needle[] {
  return KEY_FILES.map((name) => {
    const text = readFileSync(join(dataDir, name), 'utf8').trim();
    // `id:base64` — the id is no secret.
    return { name: `content of ${name}`, value: text.slice(text.indexOf(':') + 1) };
  });
}

export const CLIENT_SECRET: Needle = { name: 'client secret', value: SANDBOX_CLIENT.clientSecret };

/** Numbers of documents, which are sealed wherever the hub keeps them. */
export function documentNumbers(travellers: number): Needle[] {
  return tourTravellers(travellers).flatMap(({ id, passports, visas, nationalIds, driversLicenses }) => {
    const numbers = [
      ...(passports ?? []).map(({ passportNumber }) => passportNumber),
      ...(visas ?? []).map(({ visaNumber }) => visaNumber),
      ...(nationalIds ?? []).map(({ nationalIdNumber }) => nationalIdNumber),
      ...(driversLicenses ?? []).map(({ driversLicenseNumber }) => driversLicenseNumber),
    ];
    return numbers.flatMap((value) =>
      value === undefined || value === null ? [] : [{ name: `document of ${id}`, value }],
    );
  });
}

/** Long enough not to be found by chance. */
const LONG_BYTES = 8;

/** Family names in many scripts and the logins: they may stand in the hub's database and nowhere else. */
export function personalData(travellers: number): Needle[] {
  const everybody = tourTravellers(travellers);
  const names = new Set(everybody.map(({ general }) => general?.lastName ?? ''));
  return [
    ...[...names]
      .filter((name) => Buffer.byteLength(name) >= LONG_BYTES)
      .map((value) => ({ name: `last name ${value}`, value })),
    ...everybody.map(({ id, username }) => ({ name: `login of ${id}`, value: username })),
  ];
}
