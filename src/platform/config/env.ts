import { z } from 'zod';
import { httpUrl, isHost, isMailAddress, isProxy, isUrlOf } from './env-forms.js';

/** Injects the validated configuration: `@Inject(ENV) env: Env`. */
export const ENV = Symbol('ENV');

/** What a process may be, by name; the first is what it is when nobody says. */
export type RoleTable = Readonly<Record<string, { readonly loops: readonly string[]; readonly port: number }>>;

const optionalText = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();
const ENCRYPTION_KEY = /^[A-Za-z0-9+/]{43}=$/;
/** Separated by commas. */
const textList = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((item) => item.trim() || []));
/** @param schemes as they stand before `://` */
const optionalUrl = (...schemes: string[]) =>
  optionalText.refine((value) => value === undefined || isUrlOf(schemes, value), {
    error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Scheme, host and port as a browser sends them; a wildcard is none. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}

const variables = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  HOST: z.string().trim().refine(isHost, 'must be an IP address or a host name, without port').default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  PUBLIC_URL: httpUrl.optional(),
  CORS_ORIGINS: textList.refine((origins) => origins.every(isOrigin), {
    error: 'must be origins such as https://panel.example.com, separated by commas',
  }),
  API_RATE_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(6_000),
  API_TENANT_RATE_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(20_000),
  DATA_DIR: z.string().trim().min(1).default('.data'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ADMIN_EMAIL: z.email().default('admin@demo.local'),
  ADMIN_PASSWORD: z.string().min(8).max(200).optional(),
  SHOP_NAME: z.string().trim().min(1).max(120).default('Mi tienda'),
  SHOP_CURRENCY: z
    .string()
    .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'must be an ISO 4217 code such as MXN')
    .default('USD'),
  DATABASE_URL: optionalUrl('postgres', 'postgresql'),
  MONGODB_URL: optionalUrl('mongodb', 'mongodb+srv'),
  REDIS_URL: optionalUrl('redis', 'rediss'),
  META_GRAPH_URL: httpUrl.default('https://graph.facebook.com'),
  META_GRAPH_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default('v25.0'),
  TWILIO_API_URL: httpUrl.default('https://api.twilio.com'),
  JWT_SECRET: z.string().min(32).optional(),
  JWT_SECRETS_OLD: textList.refine((secrets) => secrets.every(({ length }) => length >= 32), {
    error: 'each must be at least 32 characters',
  }),
  ENCRYPTION_KEY: z.string().regex(ENCRYPTION_KEY, 'must be 32 bytes in base64').optional(),
  ENCRYPTION_KEYS_OLD: textList.refine((keys) => keys.every((key) => ENCRYPTION_KEY.test(key)), {
    error: 'each must be 32 bytes in base64',
  }),
  MEDIA_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(2 ** 31 - 1)
    .default(100 * 1024 * 1024),
  S3_BUCKET: optionalText.refine((value) => value === undefined || /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value), {
    error: 'must be the name of a bucket',
  }),
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z
    .string()
    .trim()
    .regex(/^[a-z0-9-]+$/i, 'must be the name of a region such as us-east-1')
    .default('us-east-1'),
  S3_ACCESS_KEY_ID: optionalText,
  S3_SECRET_ACCESS_KEY: optionalText,
  METRICS_TOKEN: z.string().min(16).optional(),
  TRUSTED_PROXIES: textList.refine((proxies) => proxies.every(isProxy), {
    error: 'must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
  }),
  SMTP_URL: optionalUrl('smtp', 'smtps'),
  MAIL_FROM: z
    .string()
    .trim()
    .max(200)
    .refine(isMailAddress, 'must be an address, or a name and an address in angle brackets')
    .default('DashOffice <no-reply@localhost>'),
  AUDIT_KEPT_DAYS: z.coerce.number().int().min(1).max(36_500).default(730),
  SIMULATOR_ALLOWED: flag.optional(),
  SEND_TIMEOUT_MS: z.coerce.number().int().min(100).max(14_000).default(10_000),
  DELIVERY_UNKNOWN_AFTER_HOURS: z.coerce.number().int().min(1).max(720).default(24),
  UNKNOWN_GRACE_MS: z.coerce.number().int().min(500).max(3_600_000).default(60_000),
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(15_000),
  WEBHOOKS_PRIVATE_ALLOWED: flag.optional(),
  EVOLUTION_PRIVATE_ALLOWED: flag.optional(),
  LINKED_SESSIONS_MAX: z.coerce.number().int().min(0).max(10_000).default(250),
  SEND_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(64),
});

export type Env = {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly role: string;
  /** The loops that a process of this role runs. */
  readonly loops: ReadonlySet<string>;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  /** Web pages of these origins may call the API from a browser. */
  readonly corsOrigins: readonly string[];
  /** Requests one user or API key may make a minute. */
  readonly apiRatePerMinute: number;
  /** Requests all callers of one tenant together may make a minute. */
  readonly apiTenantRatePerMinute: number;
  readonly dataDir: string;
  readonly logLevel: string;
  readonly adminEmail: string;
  readonly adminPassword: string | undefined;
  /** The first tenant of a database of one's own; the embedded default opens the demo shop instead. */
  readonly shopName: string;
  readonly shopCurrency: string;
  /** The owner's URL; `undefined` means the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly metaGraphUrl: string;
  readonly metaGraphVersion: string;
  readonly twilioApiUrl: string;
  readonly jwtSecret: string | undefined;
  /** Secrets that signed before: still believed, never signed with. */
  readonly jwtSecretsOld: readonly string[];
  readonly encryptionKey: string | undefined;
  readonly encryptionKeysOld: readonly string[];
  /** The largest file taken from a customer or by upload. */
  readonly mediaMaxBytes: number;
  /** The bucket files lie in; `undefined` means a folder in `dataDir`. */
  readonly s3: S3Env | undefined;
  /** Bearer token of /metrics; without one only this machine may read it. */
  readonly metricsToken: string | undefined;
  /** Addresses or networks of the proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies: readonly string[];
  /** Where mail is handed over; without it whoever makes a one-time link passes it on. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** How long the audit is kept, in days. */
  readonly auditKeptDays: number;
  readonly simulatorAllowed: boolean;
  /** A send's deadline, in milliseconds; shorter than the outbox lease of 15 s. */
  readonly sendTimeoutMs: number;
  /** When a message that was accepted and never reported on ends as unknown. */
  readonly deliveryUnknownAfterHours: number;
  /** How long an ambiguous send is held before its resend policy decides, in milliseconds. */
  readonly unknownGraceMs: number;
  /** Deadline of one attempt to tell an integrator, in milliseconds. */
  readonly webhookTimeoutMs: number;
  /** Webhooks may go by http and to addresses of this machine's own network. */
  readonly webhooksPrivateAllowed: boolean;
  readonly evolutionPrivateAllowed: boolean;
  /** Linked devices one process holds at most; 0: none. */
  readonly linkedSessionsMax: number;
  /** Sends in flight per process. */
  readonly sendConcurrency: number;
};

export type S3Env = {
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

export const ENV_VARIABLES: readonly string[] = ['ROLE', ...Object.keys(variables.shape)];

/** A variable does not hold what it should. The message names it and never shows its value. */
export class BadConfigurationError extends Error {
  override readonly name = 'BadConfigurationError';
}

/** @throws BadConfigurationError naming every bad variable */
export function readEnv(source: Readonly<Record<string, string | undefined>>, roles: RoleTable): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim() !== ''));
  const parsed = variables.extend({ ROLE: z.enum(Object.keys(roles)).default(firstOf(roles)) }).safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new BadConfigurationError(`The configuration is not valid:\n${problems.join('\n')}`);
  }
  const v = parsed.data;
  return {
    nodeEnv: v.NODE_ENV,
    role: v.ROLE,
    loops: new Set(roles[v.ROLE]?.loops),
    host: v.HOST,
    port: v.PORT ?? roles[v.ROLE]?.port ?? 0,
    publicUrl: v.PUBLIC_URL,
    corsOrigins: v.CORS_ORIGINS,
    apiRatePerMinute: v.API_RATE_PER_MINUTE,
    apiTenantRatePerMinute: v.API_TENANT_RATE_PER_MINUTE,
    dataDir: v.DATA_DIR,
    logLevel: v.LOG_LEVEL,
    adminEmail: v.ADMIN_EMAIL.toLowerCase(),
    adminPassword: v.ADMIN_PASSWORD,
    shopName: v.SHOP_NAME,
    shopCurrency: v.SHOP_CURRENCY,
    databaseUrl: v.DATABASE_URL,
    mongodbUrl: v.MONGODB_URL,
    redisUrl: v.REDIS_URL,
    metaGraphUrl: v.META_GRAPH_URL.replace(/\/+$/, ''),
    metaGraphVersion: v.META_GRAPH_VERSION,
    twilioApiUrl: v.TWILIO_API_URL.replace(/\/+$/, ''),
    jwtSecret: v.JWT_SECRET,
    jwtSecretsOld: v.JWT_SECRETS_OLD,
    encryptionKey: v.ENCRYPTION_KEY,
    encryptionKeysOld: v.ENCRYPTION_KEYS_OLD,
    mediaMaxBytes: v.MEDIA_MAX_BYTES,
    s3: readS3(v),
    metricsToken: v.METRICS_TOKEN,
    trustedProxies: v.TRUSTED_PROXIES,
    smtpUrl: v.SMTP_URL,
    mailFrom: v.MAIL_FROM,
    auditKeptDays: v.AUDIT_KEPT_DAYS,
    // The embedded default is somebody trying things out; a real database is somebody's shop.
    simulatorAllowed: v.SIMULATOR_ALLOWED ?? (v.DATABASE_URL === undefined || v.NODE_ENV !== 'production'),
    sendTimeoutMs: v.SEND_TIMEOUT_MS,
    deliveryUnknownAfterHours: v.DELIVERY_UNKNOWN_AFTER_HOURS,
    unknownGraceMs: v.UNKNOWN_GRACE_MS,
    webhookTimeoutMs: v.WEBHOOK_TIMEOUT_MS,
    evolutionPrivateAllowed: v.EVOLUTION_PRIVATE_ALLOWED ?? v.NODE_ENV !== 'production',
    webhooksPrivateAllowed: v.WEBHOOKS_PRIVATE_ALLOWED ?? v.NODE_ENV !== 'production',
    linkedSessionsMax: v.LINKED_SESSIONS_MAX,
    sendConcurrency: v.SEND_CONCURRENCY,
  };
}

/** @throws BadConfigurationError a bucket without the keys to it */
function readS3(v: z.infer<typeof variables>): S3Env | undefined {
  if (v.S3_BUCKET === undefined) return undefined;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = v;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new BadConfigurationError(
      'The configuration is not valid:\n  S3_BUCKET: needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
    );
  }
  return { bucket: v.S3_BUCKET, endpoint: v.S3_ENDPOINT, region: v.S3_REGION, accessKeyId, secretAccessKey };
}

function firstOf(roles: RoleTable): string {
  const [first] = Object.keys(roles);
  if (first === undefined) throw new TypeError('There is no role');
  return first;
}
