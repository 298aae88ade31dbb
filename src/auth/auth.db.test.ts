import { createHash } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from './auth.module.js';

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule]);
  shop = await app.openShop();
});
afterAll(() => app.close());

async function signIn(email = shop.email, password = shop.password) {
  const answer = await app.call('POST', '/api/auth/login', { email, password });
  expect(answer.status).toBe(200);
  return answer.body as { accessToken: string; refreshToken: string; expiresInSeconds: number };
}

function refresh(refreshToken: string) {
  return app.call('POST', '/api/auth/refresh', { refreshToken });
}

function me(accessToken: string) {
  return app.call('GET', '/api/auth/me', undefined, { authorization: `Bearer ${accessToken}` });
}

describe('signing in', () => {
  it('answers with a token pair that opens the API', async () => {
    const tokens = await signIn();
    expect(tokens.expiresInSeconds).toBe(900);
    const answer = await me(tokens.accessToken);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      email: shop.email,
      role: 'owner',
      tenant: { id: shop.tenantId, currency: 'MXN', locale: 'es' },
    });
    expect(answer.body.permissions).toContain('tenant:write');
  });

  it('takes the e-mail in any case and with spaces around it', async () => {
    await signIn(`  ${shop.email.toUpperCase()} `);
  });

  it('tells a wrong password and an unknown e-mail with the same words', async () => {
    const wrong = await app.call('POST', '/api/auth/login', { email: shop.email, password: 'not this one' });
    const unknown = await app.call('POST', '/api/auth/login', {
      email: 'nobody@tienda.test',
      password: 'not this one',
    });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(wrong.body.code).toBe('invalid_credentials');
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
  });

  it('refuses unknown fields and names every wrong one', async () => {
    const answer = await app.call('POST', '/api/auth/login', { email: 'no', extra: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_input');
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['email', 'password']));
    expect(JSON.stringify(answer.body.errors)).toContain('extra');
  });

  it('slows down whoever guesses, for that e-mail only', async () => {
    const guesses = Array.from({ length: 21 }, () =>
      app.call('POST', '/api/auth/login', { email: 'guessed@tienda.test', password: 'wrong' }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    const again = await app.call('POST', '/api/auth/login', { email: 'GUESSED@tienda.test', password: 'wrong' });
    expect(again.body.code).toBe('too_many_attempts');
    expect(again.headers.get('retry-after')).not.toBeNull();
    await signIn();
  });
});

describe('refresh tokens', () => {
  it('are exchanged for the next pair', async () => {
    const first = await signIn();
    const second = await refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect((await me(second.body.accessToken)).status).toBe(200);
  });

  it('end their whole family when a used one comes back', async () => {
    const first = await signIn();
    const other = await signIn();
    const second = await refresh(first.refreshToken);
    expect((await refresh(first.refreshToken)).body.code).toBe('invalid_refresh_token');
    expect((await refresh(second.body.refreshToken)).status).toBe(401);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  it('work once even when two exchanges race', async () => {
    const { refreshToken } = await signIn();
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken), refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
  });

  it('stop at sign-out, which may be repeated', async () => {
    const { refreshToken } = await signIn();
    const logout = () => app.call('POST', '/api/auth/logout', { refreshToken });
    expect([(await logout()).status, (await logout()).status]).toEqual([204, 204]);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('expire after thirty days', async () => {
    const { refreshToken } = await signIn();
    const hash = createHash('sha256').update(refreshToken).digest();
    await app.owner.query("update refresh_token set expires_at = now() - interval '1 s' where token_hash = $1", [hash]);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('are worth nothing when made up, malformed, or moved to another tenant', async () => {
    const other = await app.openShop();
    const { refreshToken } = await signIn();
    const moved = refreshToken.replace(/^drt_[0-9a-f]{32}/, `drt_${other.tenantId.replaceAll('-', '')}`);
    for (const token of ['nonsense', `drt_${'0'.repeat(32)}_${'A'.repeat(43)}`, moved])
      expect((await refresh(token)).body.code).toBe('invalid_refresh_token');
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it('are stored as a hash only (INV-11)', async () => {
    const { refreshToken } = await signIn();
    const { rows } = await app.owner.query<{ row: string }>('select to_jsonb(t)::text as row from refresh_token t');
    const secret = refreshToken.split('_').slice(2).join('_');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
  });
});

describe('access tokens', () => {
  it('are asked for on every route that is not public', async () => {
    const answer = await app.call('GET', '/api/users');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.code).toBe('not_signed_in');
  });

  it('are refused when signed by another key, for another audience, unsigned, or expired', async () => {
    const { accessToken } = await signIn();
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as object;
    const forger = new JwtService({ secret: 'x'.repeat(64) });
    const [header, payload, signature] = accessToken.split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const bad = [
      forger.sign(claims),
      `${unsigned}.${payload}.`,
      `${header}.${Buffer.from(JSON.stringify({ ...claims, role: 'owner', tid: shop.tenantId, exp: 1 })).toString('base64url')}.${signature}`,
      'not a token',
    ];
    for (const token of bad) expect((await me(token)).status).toBe(401);
    expect((await me(accessToken)).status).toBe(200);
  });

  it('of a person who is switched off stop being refreshed', async () => {
    const seller = await signInAs(app, shop, 'seller');
    const tokens = await signIn(seller.email, seller.password);
    const { body } = await seller.call('GET', '/api/auth/me');
    const off = await shop.call('PATCH', `/api/users/${body.id}`, { isActive: false });
    expect(off.body.isActive).toBe(false);
    expect((await refresh(tokens.refreshToken)).status).toBe(401);
    expect((await seller.call('GET', '/api/auth/me')).status).toBe(401);
    const login = await app.call('POST', '/api/auth/login', { email: seller.email, password: seller.password });
    expect(login.body.code).toBe('invalid_credentials');
  });
});
