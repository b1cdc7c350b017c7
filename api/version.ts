import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const packageSchema = z.object({ name: z.literal('concordance'), version: z.string() });

/** The version of this package; the sources lie one folder below its package.json, what is built two. */
export function packageVersion(folder: string = __dirname): string {
  const path = join(folder, 'package.json');
  if (existsSync(path)) {
    const found = packageSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (found.success) return found.data.version;
  }
  const parent = dirname(folder);
  return parent === folder ? 'unknown' : packageVersion(parent);
}
