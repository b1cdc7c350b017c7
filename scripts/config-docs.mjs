// Writes docs/configuration.md from the schema of the settings (config/settings.ts):
//   npm run docs:config              writes it
//   npm run docs:config -- --check   fails when it is not up to date
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'docs/configuration.md');

/** Chapters by the beginning of a name; the first that fits. */
const CHAPTERS = [
  [
    'Temporal',
    /^TEMPORAL_/,
    'With `TEMPORAL_ADDRESS` set, `TEMPORAL_API_KEY`, `TEMPORAL_TLS`, `TEMPORAL_TLS_*` and the profiles of `temporal.toml` are read as well, by `@temporalio/envconfig`, as the Temporal CLI reads them. They are not part of this schema.',
  ],
  ['Store', /^(DATABASE_URL|DATA_DIR)$/],
  ['API', /^API_/],
  [
    'Push',
    /^(CONCUR_PUSH_|TRUSTED_PROXIES$)/,
    'What each of them does: [operations](operations.md#push-from-concur).',
  ],
  [
    'Concur',
    /^CONCUR_/,
    '`CONCUR_CLIENT_ID` and `CONCUR_CLIENT_SECRET` are required outside the sandbox. Of a setting and its `…_FILE` only one may be set.',
  ],
  ['Tokens', /^(REQUEST_TOKEN|REFRESH|SUPPORT)_/],
  ['Polling', /^POLL_/],
  ['Encryption', /^ENCRYPTION_/],
  ['Sandbox', /^(\w+_)?SANDBOX_/],
  ['Operation', /./],
];

/** The unit that a name ends with. Minutes of the hour are no duration. */
const UNITS = [
  [/^POLL_MINUTES$/, 'minute of the hour'],
  [/_MS$/, 'milliseconds'],
  [/_SECONDS$/, 'seconds'],
  [/_MINUTES$/, 'minutes'],
  [/_DAYS$/, 'days'],
];

function loadSchema() {
  const path = join(root, 'config/settings.ts');
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const exports = {};
  new Function('require', 'exports', outputText)(createRequire(path), exports);
  return exports.settingsSchema;
}

/** The schema below defaults, options and conversions: what a person writes. */
function writtenOf(schema) {
  const { def } = schema;
  if (['default', 'prefault', 'optional'].includes(def.type)) return writtenOf(def.innerType);
  if (def.type === 'pipe') return writtenOf(def.out.def.type === 'transform' ? def.in : def.out);
  if (def.type === 'array') return writtenOf(def.element);
  return schema;
}

function allowedOf(schema) {
  const written = writtenOf(schema);
  const { def } = written;
  if (def.type === 'enum') {
    const words = Object.values(def.entries);
    // A flag also takes 1, 0, yes and no; two words are enough to know.
    return (words.includes('true') ? ['true', 'false'] : words).map(code).join(', ');
  }
  if (def.type === 'literal') return def.values.map(code).join(', ');
  if (def.type === 'union') return def.options.map(allowedOf).join(', ');
  if (def.type !== 'number') return '';
  const { minValue, maxValue } = written;
  const least = Number.isSafeInteger(minValue) && minValue > Number.MIN_SAFE_INTEGER ? minValue : undefined;
  const most = Number.isSafeInteger(maxValue) && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : undefined;
  if (least !== undefined && most !== undefined) return `${least}–${most}`;
  if (least !== undefined) return `at least ${least}`;
  return most === undefined ? 'a whole number' : `at most ${most}`;
}

function defaultOf({ def }) {
  if (def.type !== 'default' && def.type !== 'prefault') return '–';
  const value = Array.isArray(def.defaultValue) ? def.defaultValue.join(',') : String(def.defaultValue);
  return value === '' ? '–' : code(value);
}

function code(text) {
  return `\`${String(text)}\``;
}

function rowOf([name, schema]) {
  const unit = UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? '';
  const description = schema.description ?? '';
  if (description === '') throw new Error(`config/settings.ts: ${name} has no .describe()`);
  return [code(name), defaultOf(schema), description, unit, allowedOf(schema)]
    .map((cell) => cell.replaceAll('|', '\\|'))
    .join(' | ');
}

function render(settings) {
  const lines = [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs:config` from config/settings.ts: change it there. -->',
    '',
    'Settings come from the environment and from a file `.env` in the working folder; the environment wins, and an empty value counts as absent. A wrong value ends the start with one line that names the setting. `npx concordance doctor` checks them all.',
  ];
  let left = settings;
  for (const [title, pattern, remark] of CHAPTERS) {
    const here = left.filter(([name]) => pattern.test(name));
    left = left.filter(([name]) => !pattern.test(name));
    if (here.length === 0) continue;
    lines.push('', `## ${title}`, '');
    if (remark !== undefined) lines.push(remark, '');
    lines.push('| Name | Default | What it does | Unit | Allowed |', '|---|---|---|---|---|');
    lines.push(...here.map((setting) => `| ${rowOf(setting)} |`));
  }
  return `${lines.join('\n')}\n`;
}

const options = { ...(await resolveConfig(page)), filepath: page };
const text = await format(render(Object.entries(loadSchema().shape)), options);
if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(page, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (current !== text) {
    console.error('docs/configuration.md is not what config/settings.ts says. Run: npm run docs:config');
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, text);
}
