import { isIP } from 'node:net';
import { z } from 'zod';

/** Comma list → trimmed, non-empty parts. */
const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const port = z.coerce.number().int().min(0).max(65535);
const minutes = z.coerce.number<string>().int().min(1);
const milliseconds = z.coerce.number().int().min(1);
const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform((v) => ['true', '1', 'yes'].includes(v));

/** Minutes of the hour, e.g. `5,20,35,50`: sorted, unique, 0–59. */
export const pollMinutesSchema = z
  .array(z.coerce.number<string>().int().min(0).max(59))
  .min(1)
  .transform((list) => [...new Set(list)].sort((a, b) => a - b));

/** One address, or a network of them. */
export interface AddressRange {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Leading bits that an address must share. */
  readonly prefix: number;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`; undefined for anything else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) return { address, family, prefix: BITS[family] };
  const prefix = Number(bits);
  return /^\d{1,3}$/.test(bits) && prefix <= BITS[family] ? { address, family, prefix } : undefined;
}

/** Addresses and networks of proxies. The whole Internet is none: everybody could then claim a certificate. */
const addressRanges = commaList.pipe(
  z.array(
    z.string().refine((text) => (parseAddressRange(text)?.prefix ?? 0) > 0, {
      error: 'must be a comma list of addresses or networks, e.g. 10.0.0.7,10.1.0.0/16',
    }),
  ),
);

/** When support receives request tokens: a part of each day by the local clock of a time zone. */
export interface SupportHours {
  /** Minutes since midnight, 0–1440. */
  readonly fromMinute: number;
  readonly untilMinute: number;
  /** As in the IANA database, e.g. `Europe/Zurich`. */
  readonly timeZone: string;
}

const MINUTES_OF_DAY = 1_440;

/** `06:00-15:00 Europe/Zurich`. */
const supportHours = z.string().transform((text, context): SupportHours => {
  const [, from = '', until = '', timeZone = ''] =
    /^(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)\s+(\S+)$/.exec(text.trim()) ?? [];
  const [fromMinute, untilMinute] = [minuteOf(from), minuteOf(until)];
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (fromMinute === undefined || untilMinute === undefined)
    return refuse('must be hours and a time zone, e.g. 06:00-15:00 Europe/Zurich');
  if (fromMinute >= untilMinute)
    return refuse(
      `must end later on the same day than it begins, not "${from}-${until}"; over midnight, name another time zone`,
    );
  if (!isTimeZone(timeZone)) return refuse(`"${timeZone}" is no time zone; write it as in Europe/Zurich`);
  return { fromMinute, untilMinute, timeZone };
});

function minuteOf(text: string): number | undefined {
  const [, hour, minute] = /^(\d\d):([0-5]\d)$/.exec(text) ?? [];
  const total = Number(hour) * 60 + Number(minute);
  return total <= MINUTES_OF_DAY ? total : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // There is no other way to ask than to try.
    return false;
  }
}

/**
 * Every setting of Concordance, read from the environment and `.env`.
 * The names are fixed by docs/configuration.md, which is generated from this schema.
 */
export const settingsSchema = z.object({
  TEMPORAL_ADDRESS: z
    .string()
    .optional()
    .describe('host:port of the Temporal server; absent: `start` runs a local dev server'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  TEMPORAL_CLI_PATH: z
    .string()
    .optional()
    .describe('path of a `temporal` binary to use for the local server'),
  TEMPORAL_PORT: port.default(7233).describe('port of the local Temporal server'),
  TEMPORAL_UI_PORT: port.default(8233).describe('port of the local Temporal UI'),

  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional()
    .describe('PostgreSQL to use; absent: an embedded one under DATA_DIR'),
  DATA_DIR: z.string().min(1).default('./data').describe('folder of everything that must survive a restart'),

  API_HOST: z.string().default('127.0.0.1').describe('address the API binds to'),
  API_PORT: port.default(8080).describe('port of the API'),
  API_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('bootstrap API key with all scopes; absent: made at the first start under DATA_DIR, mode 0600'),
  API_ALLOW_PLAIN: flag
    .default(false)
    .describe('allow the API to bind beyond loopback without TLS (a proxy in front terminates TLS)'),

  CONCUR_CLIENT_ID: z.string().optional().describe('client id of the Concur application'),
  CONCUR_CLIENT_SECRET: z.string().optional().describe('client secret of the Concur application'),
  CONCUR_CLIENT_SECRET_FILE: z.string().optional().describe('file that holds the client secret'),
  CONCUR_APPLICATION_NAME: z
    .string()
    .optional()
    .describe('application name as SAP knows it; for support cases'),
  CONCUR_AUTH_URL: z
    .url()
    .default('https://glz.api.concursolutions.com')
    .describe('global entry where request tokens are exchanged'),
  CONCUR_ALLOWED_ORIGINS: commaList
    .default([])
    .describe('comma list of further origins a token may be sent to (http only for loopback)'),
  CONCUR_TIMEOUT_MS: milliseconds.default(60_000).describe('time-out of one Concur call, milliseconds'),
  CONCUR_UNAVAILABLE_DELAY_MS: milliseconds
    .default(300_000)
    .describe('wait after a time-out or a 503, milliseconds'),
  CONCUR_RETRY_BASE_MS: milliseconds
    .default(1_000)
    .describe('first wait after another transient failure, milliseconds'),
  CONCUR_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(8)
    .describe('most Concur calls in flight per entity'),

  CONCUR_PUSH_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must have at least 16 characters, without spaces and accents')
    .optional()
    .describe('secret that Concur’s pushes carry in a header; without this or another proof they are off'),
  CONCUR_PUSH_KEYS_FILE: z
    .string()
    .optional()
    .describe('JSON file of public keys by key id; set: every push must be signed'),
  TRUSTED_PROXIES: addressRanges
    .default([])
    .describe('addresses or networks of proxies whose word about client certificates of pushes is taken'),

  REQUEST_TOKEN_LIFETIME_MINUTES: minutes.default(720).describe('lifetime of a request token, minutes'),
  REQUEST_TOKEN_REMINDERS_MINUTES: commaList
    .pipe(z.array(minutes))
    .default([240, 60])
    .describe('reminders before the window ends, minutes'),
  SUPPORT_HOURS: supportHours
    .prefault('06:00-15:00 Europe/Zurich')
    .describe('when support receives request tokens; stands beside every deadline of one'),
  REFRESH_INTERVAL_MINUTES: z.coerce
    .number<string>()
    .int()
    .min(0)
    .default(1_440)
    .describe('how often the refresh token is renewed, minutes; 0: never, its end is told of in time'),

  POLL_MINUTES: commaList
    .pipe(pollMinutesSchema)
    .default([5, 20, 35, 50])
    .describe('minutes of the hour (UTC) to poll at'),
  POLL_OVERLAP_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .default(120)
    .describe('how far a poll reaches back behind the last one, seconds'),
  POLL_SPREAD_SECONDS: z
    .union([z.literal('auto'), z.coerce.number().int().min(0).max(840)])
    .default('auto')
    .describe('seconds after the slot over which polls are spread; auto: entities ÷ 8, at most 840'),
  POLL_STATUS_FILTER: z
    .enum(['none', 'Active=1', 'Active=0', 'Status="Active"'])
    .default('none')
    .describe('status filter of the summary list; none sees inactive travellers too'),
  POLL_BY_TRAVEL_CONFIG: flag.default(true).describe('poll only the travel config of the entity'),

  ENCRYPTION_KEYS: z
    .string()
    .optional()
    .describe(
      'id:base64 keys of 32 bytes, comma list, first one active; absent: made under DATA_DIR, mode 0600',
    ),
  ENCRYPTION_KEYS_FILE: z.string().optional().describe('file that holds ENCRYPTION_KEYS'),

  SANDBOX_PORT: port.default(0).describe('port of the Concur sandbox; 0: a free one'),
  SANDBOX_PORT_2: port.default(0).describe('port of the second data centre of the sandbox; 0: a free one'),

  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least severe level that is logged'),
  METRICS_HOST: z.string().default('127.0.0.1').describe('address the metrics of a worker are served at'),
  METRICS_PORT: port
    .default(9464)
    .describe('port of the metrics of a worker, for Prometheus; where it is taken, a free one'),
  RECONCILE_HOUR: z
    .union([z.literal('off'), z.coerce.number().int().min(0).max(23)])
    .default(1)
    .describe('hour (UTC) at which the nightly reconciliation of all active entities begins; off: none'),
  RECONCILIATION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .default(30)
    .describe('how long reports of reconciliations are kept, days; the newest of an entity always is'),
  CALL_JOURNAL_DAYS: z.coerce
    .number()
    .int()
    .min(7)
    .default(14)
    .describe('how long Concur calls are kept, days'),
  NOTIFY_WEBHOOK_URL: z.url().optional().describe('events are posted here as JSON, without personal data'),
});

/** All settings with their defaults filled in. Times in the unit that the name ends with. */
export type Settings = z.output<typeof settingsSchema>;
