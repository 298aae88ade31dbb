import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kidOf } from '../../src/auth/signed-tokens.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { SECRETS, type Secrets } from '../../src/platform/config/secrets.js';
import type { Shop, TestApp } from '../support/app.js';
import { startFeatures } from '../support/features.js';

const OLD_SECRET = randomBytes(32).toString('hex');

let app: TestApp;
let shop: Shop;
let other: Shop;
let secret: string;
let claims: Record<string, unknown>;
beforeAll(async () => {
  app = await startFeatures([AuthModule], { JWT_SECRETS_OLD: OLD_SECRET });
  shop = await app.openShop();
  other = await app.openShop();
  secret = app.app.get<Secrets>(SECRETS, { strict: false }).jwtSecret;
  claims = JSON.parse(Buffer.from(shop.authorization.split('.')[1] ?? '', 'base64url').toString());
});
afterAll(() => app.close());

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = (overrides: object = {}) => ({ alg: 'HS256', typ: 'JWT', kid: kidOf(secret), ...overrides });
function forge(head: object, body: object, key = secret, hash = 'sha256'): string {
  const signed = `${encode(head)}.${encode(body)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}
async function statusOf(token: string): Promise<number> {
  const answer = await app.call('GET', '/api/tenant', undefined, { authorization: `Bearer ${token}` });
  if (answer.status === 401) expect(answer.body.code).toBe('not_signed_in');
  return answer.status;
}
const nowS = () => Math.floor(Date.now() / 1000);

describe('a forged access token', () => {
  it('made as ours are is believed, so that the ones below fail for what is wrong with them', async () => {
    expect(await statusOf(forge(header(), claims))).toBe(200);
  });

  it.each([
    ['unsigned', () => `${encode({ alg: 'none', typ: 'JWT', kid: kidOf(secret) })}.${encode(claims)}.`],
    ['unsigned, spelt otherwise', () => `${encode(header({ alg: 'NoNe' }))}.${encode(claims)}.`],
    ['without its signature', () => `${encode(header())}.${encode(claims)}.`],
    ['signed with a stronger hash than we use', () => forge(header({ alg: 'HS512' }), claims, secret, 'sha512')],
    ['signed with another key', () => forge(header(), claims, 'x'.repeat(64))],
    ['signed with an empty key', () => forge(header(), claims, '')],
    ['of a key nobody knows', () => forge(header({ kid: kidOf('x'.repeat(64)) }), claims, 'x'.repeat(64))],
    ['of no key', () => forge({ alg: 'HS256', typ: 'JWT' }, claims)],
    ['of a key that is a path', () => forge(header({ kid: '../../../../dev/null' }), claims, '')],
    ['of a key that is an object', () => forge(header({ kid: { $ne: '' } }), claims)],
    ['that brings its own key', () => forge(header({ jwk: { kty: 'oct', k: 'eA' }, jku: app.url }), claims, 'x')],
    ['expired', () => forge(header(), { ...claims, exp: nowS() - 31 })],
    ['that never expires', () => forge(header(), { ...claims, exp: undefined })],
    ['from the future', () => forge(header(), { ...claims, iat: nowS() + 120 })],
    ['not valid yet', () => forge(header(), { ...claims, nbf: nowS() + 120 })],
    ['for another audience', () => forge(header(), { ...claims, aud: 'dashoffice-device' })],
    ['by another issuer', () => forge(header(), { ...claims, iss: 'somebody' })],
    ['of another tenant', () => forge(header(), { ...claims, tid: other.tenantId })],
    ['of another person in the same session', () => forge(header(), { ...claims, sub: other.tenantId })],
    ['of a session nobody began', () => forge(header(), { ...claims, sid: other.tenantId })],
    ['of no session', () => forge(header(), { ...claims, sid: undefined })],
    ['of a tenant that is a statement', () => forge(header(), { ...claims, tid: "'; drop table tenant; --" })],
    ['of a role that does not exist', () => forge(header(), { ...claims, role: 'root' })],
    ['of nothing', () => '..'],
    ['of 100 kB', () => `${encode(header())}.${'A'.repeat(100_000)}.x`],
  ])('%s is refused', async (_, make) => {
    expect([401, 431]).toContain(await statusOf(make()));
  });

  it('signed with a public key taken for a shared secret is refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(await statusOf(forge(header({ kid: kidOf(pem) }), claims, pem))).toBe(401);
    const signed = `${encode(header({ alg: 'RS256' }))}.${encode(claims)}`;
    expect(await statusOf(`${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`)).toBe(
      401,
    );
  });

  it('with a higher role than its person has gets no further than the person', async () => {
    const made = { email: 'baja@t.test', name: 'B', password: 'una frase larga', role: 'viewer' };
    await shop.call('POST', '/api/users', made);
    const { body } = await app.call('POST', '/api/auth/login', { email: made.email, password: made.password });
    const own = JSON.parse(Buffer.from(body.accessToken.split('.')[1], 'base64url').toString());
    const authorization = `Bearer ${forge(header(), { ...own, role: 'owner' })}`;
    expect((await app.call('GET', '/api/users', undefined, { authorization })).status).toBe(403);
  });
});

describe('a token', () => {
  it('of a secret that was replaced is good until it expires; 30 s of skew are forgiven, not more', async () => {
    expect(await statusOf(forge(header({ kid: kidOf(OLD_SECRET) }), claims, OLD_SECRET))).toBe(200);
    expect(await statusOf(forge(header({ kid: kidOf(OLD_SECRET) }), claims, secret))).toBe(401);
    expect(await statusOf(forge(header(), { ...claims, exp: nowS() - 15 }))).toBe(200);
    expect(await statusOf(forge(header(), { ...claims, iat: nowS() + 15 }))).toBe(200);
  });

  it('is signed with the newest secret, and gives nothing of it away', async () => {
    const [head = ''] = shop.authorization.replace('Bearer ', '').split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual(header());
    expect(kidOf(secret)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('in the address, the body or a cookie of another name is no token', async () => {
    const token = shop.authorization.replace('Bearer ', '');
    const tries = [
      app.call('GET', `/api/users?access_token=${token}&token=${token}`),
      app.call('GET', '/api/users', undefined, { cookie: `accessToken=${token}; dashoffice_session=${token}` }),
      app.call('GET', '/api/users', undefined, { 'x-access-token': token, 'x-authorization': `Bearer ${token}` }),
    ];
    for (const { status } of await Promise.all(tries)) expect(status).toBe(401);
  });
});

describe('a stolen refresh token', () => {
  it('that comes back after its use ends the whole session, access tokens too', async () => {
    const { body: first } = await app.call('POST', '/api/auth/login', { email: other.email, password: other.password });
    const refresh = (refreshToken: string) => app.call('POST', '/api/auth/refresh', { refreshToken });
    const { body: second } = await refresh(first.refreshToken);
    expect((await refresh(first.refreshToken)).body.code).toBe('invalid_refresh_token');
    expect((await refresh(second.refreshToken)).status).toBe(401);
    const { rows } = await app.owner.query('select 1 from user_session where tenant_id = $1 and ended_at is not null', [
      other.tenantId,
    ]);
    expect(rows).toHaveLength(1);
  });
});
