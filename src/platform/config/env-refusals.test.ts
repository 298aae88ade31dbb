import { describe, expect, it } from 'vitest';
import { ROLES } from '../../roles.js';
import { ENV_VARIABLES, readEnv } from './env.js';

const URLS = ['banana', 'javascript:alert(1)', 'ftp://host/x', '//host', 'http://a b'];
const STORE_URLS = ['banana', 'http://host', 'host:5432/x'];
const NUMBERS = ['banana', '-1', '1.5', '1e99', 'NaN'];
const ONE_AND_UP = [...NUMBERS, '0'];

/** Values each variable refuses. */
const BAD: Readonly<Record<string, readonly string[]>> = {
  NODE_ENV: ['prod', 'PRODUCTION'],
  ROLE: ['king', 'ALL'],
  HOST: ['http://host', 'a b', '127.0.0.1:80', '256.0.0.1', '1.2.3', '-x', '::zz'],
  PORT: [...NUMBERS, '65536'],
  PUBLIC_URL: URLS,
  CORS_ORIGINS: ['*', 'null', 'panel.test', 'https://panel.test/'],
  API_RATE_PER_MINUTE: ONE_AND_UP,
  API_TENANT_RATE_PER_MINUTE: ONE_AND_UP,
  LOG_LEVEL: ['loud', 'INFO'],
  ADMIN_EMAIL: ['admin', 'a@', '@b.test'],
  ADMIN_PASSWORD: ['short', 'x'.repeat(201)],
  SHOP_NAME: ['x'.repeat(121)],
  SHOP_CURRENCY: ['ZZZ', 'usd', 'DOLLAR', '$'],
  DATABASE_URL: [...STORE_URLS, 'mysql://host/x', 'postgres://host:99999/x', 'postgres:host'],
  MONGODB_URL: STORE_URLS,
  REDIS_URL: [...STORE_URLS, 'redis:host', 'redis://host:99999'],
  META_GRAPH_URL: URLS,
  META_GRAPH_VERSION: ['25', 'v25', 'v25.0/x'],
  TWILIO_API_URL: URLS,
  JWT_SECRET: ['short'],
  JWT_SECRETS_OLD: ['short', `${'x'.repeat(32)},short`],
  ENCRYPTION_KEY: ['short', 'x'.repeat(44), 'ff'.repeat(32)],
  ENCRYPTION_KEYS_OLD: ['short'],
  MEDIA_MAX_BYTES: [...NUMBERS, '1023', '2147483648'],
  S3_BUCKET: ['a', 'Capital', 'a/b', 's3://bucket'],
  S3_ENDPOINT: URLS,
  S3_REGION: ['us east', 'https://host'],
  METRICS_TOKEN: ['short'],
  TRUSTED_PROXIES: ['banana', '10.0.0.0/33', '10.0.0.1,banana', '::1/129', '10.0.0.0/8/8', '*', 'true'],
  SMTP_URL: [...STORE_URLS, 'smtp:host'],
  MAIL_FROM: ['nobody', 'Shop', 'Shop <nobody>', 'a@b, c@d', 'Shop <a@b', 'a@'],
  AUDIT_KEPT_DAYS: ONE_AND_UP,
  SIMULATOR_ALLOWED: ['yes', '1', 'TRUE'],
  SEND_TIMEOUT_MS: [...ONE_AND_UP, '14001'],
  DELIVERY_UNKNOWN_AFTER_HOURS: [...ONE_AND_UP, '721'],
  UNKNOWN_GRACE_MS: [...ONE_AND_UP, '499'],
  WEBHOOK_TIMEOUT_MS: [...ONE_AND_UP, '60001'],
  WEBHOOKS_PRIVATE_ALLOWED: ['yes', '0'],
  EVOLUTION_PRIVATE_ALLOWED: ['yes', '0'],
  LINKED_SESSIONS_MAX: [...NUMBERS, '10001'],
  SEND_CONCURRENCY: [...ONE_AND_UP, '1001'],
};
/** Any text may be one; whether a folder can be used is seen when it is. */
const FREE = ['DATA_DIR', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'];
const KEYS = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };

describe('a bad value in the configuration', () => {
  it('is known of every variable', () => {
    expect([...Object.keys(BAD), ...FREE].toSorted()).toEqual(ENV_VARIABLES.toSorted());
  });

  it.each(Object.entries(BAD))('of %s is refused with its name and without its value', (name, values) => {
    for (const value of values) {
      const reading = () => readEnv({ ...KEYS, [name]: value }, ROLES);
      expect(reading, value).toThrow(new RegExp(`^The configuration is not valid:(?:\\n  ${name}: .+)+$`));
      if (value.length > 5) expect(reading, value).not.toThrow(value);
    }
  });

  it('is not any that shops use', () => {
    const fine: Record<string, readonly string[]> = {
      HOST: ['0.0.0.0', '::', 'localhost', 'shop-1.internal'],
      PUBLIC_URL: ['https://shop.example.com', 'http://10.0.0.1:4009/x'],
      SHOP_CURRENCY: ['MXN', 'BRL', 'USD', 'CLP'],
      DATABASE_URL: ['postgres://u:p%40@host:5432/x?sslmode=require', 'postgresql:///x?host=/run/postgresql'],
      MONGODB_URL: ['mongodb://a:1', 'mongodb+srv://u:p@host/x'],
      REDIS_URL: ['redis://:secret@host:6379/1', 'rediss://host'],
      TRUSTED_PROXIES: ['10.0.0.0/8, ::1', 'loopback', '192.168.0.1'],
      MAIL_FROM: ['no-reply@localhost', 'Mi tienda <hola@tienda.mx>', '"Tienda, S.A." <a@b.co>'],
      S3_BUCKET: ['my-shop.media'],
      PORT: ['0', '4009', '  '],
    };
    for (const [name, values] of Object.entries(fine))
      for (const value of values)
        expect(() => readEnv({ ...KEYS, [name]: value }, ROLES), `${name} ${value}`).not.toThrow();
  });
});
