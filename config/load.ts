import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type z } from 'zod';
import { type Settings, settingsSchema } from './settings';

/** The environment of this process; only `config/` reads it, everybody else has it handed in. */
export function processEnvironment(): Environment {
  return process.env;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used; `message` holds one readable line per wrong value. */
export class SettingsError extends Error {
  readonly code = 'settings-invalid';
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'SettingsError';
  }
}

export function isSettingsError(error: unknown): error is SettingsError {
  return error instanceof SettingsError;
}

/**
 * The settings of this process. The environment wins over `.env`; an empty value counts as absent.
 * @param env the environment, `process.env` in production
 * @param folder where `.env` is looked for
 * @throws SettingsError with one line per wrong value
 */
export function loadSettings(
  env: Environment = processEnvironment(),
  folder: string = process.cwd(),
): Settings {
  const merged = { ...readDotEnv(folder), ...definedOnly(env) };
  const parsed = settingsSchema.safeParse(definedOnly(merged));
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map(describeIssue));
  const settings = parsed.data;
  return {
    ...settings,
    DATA_DIR: resolve(folder, settings.DATA_DIR),
    ...fromFile(settings, 'CONCUR_CLIENT_SECRET'),
    ...fromFile(settings, 'ENCRYPTION_KEYS'),
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? 'settings');
  return `${name}: ${issue.message}. Correct it in the environment or in .env; docs/configuration.md lists what is allowed.`;
}

function definedOnly(env: Environment): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && entry[1] !== '';
  });
  return Object.fromEntries(entries);
}

function readDotEnv(folder: string): Environment {
  try {
    return parseEnv(readFileSync(resolve(folder, '.env'), 'utf8'));
  } catch (error) {
    if (isMissingFile(error)) return {};
    throw new SettingsError([`.env: cannot be read (${String(error)}).`]);
  }
}

function isMissingFile(error: unknown): boolean {
  // Told by shape: under a test runner errors of Node's own modules come from another realm.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

type SecretName = 'CONCUR_CLIENT_SECRET' | 'ENCRYPTION_KEYS';

function fromFile(settings: Settings, name: SecretName): Partial<Pick<Settings, SecretName>> {
  const path = settings[`${name}_FILE`];
  if (path === undefined) return {};
  if (settings[name] !== undefined) {
    throw new SettingsError([`${name} and ${name}_FILE are both set: keep one of them.`]);
  }
  try {
    return { [name]: readFileSync(path, 'utf8').trim() };
  } catch {
    throw new SettingsError([`${name}_FILE: the file cannot be read. Check its path and its mode.`]);
  }
}
