import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { type SmtpDouble, startSmtpDouble } from '../../../test/support/smtp-double.js';
import { AuditModule } from '../../audit/audit.module.js';
import { AuthModule } from '../auth.module.js';

let app: TestApp;
let shop: Shop;
let other: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, AuditModule], { PUBLIC_URL: 'https://tienda.example/' });
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

let invited = 0;
async function invite(overrides: object = {}) {
  invited += 1;
  const body = { email: `nueva${invited}@tienda.test`, name: 'Lucía', role: 'seller', ...overrides };
  const answer = await shop.call('POST', '/api/invitations', body);
  expect(answer.status).toBe(201);
  return { ...answer.body, token: answer.body.link.split('#')[1] } as Record<string, string> & { isMailed: boolean };
}
const accept = (token: string | undefined, password = 'una frase muy mía') =>
  app.call('POST', '/api/auth/invitations/accept', { token, password });

describe('an invitation', () => {
  it('lets somebody choose a password, once', async () => {
    const { token, email, link, isMailed } = await invite();
    expect(link).toBe(`https://tienda.example/invitation#${token}`);
    expect(isMailed).toBe(false);
    const look = await app.call('POST', '/api/auth/invitations/look', { token });
    expect(look.body).toMatchObject({ email, name: 'Lucía', role: 'seller', locale: 'es' });
    expect((await accept(token)).status).toBe(201);
    expect([(await accept(token)).status, (await accept(token)).body.code]).toEqual([422, 'invalid_link']);
    const login = await app.call('POST', '/api/auth/login', { email, password: 'una frase muy mía' });
    const authorization = `Bearer ${login.body.accessToken}`;
    const me = await app.call('GET', '/api/auth/me', undefined, { authorization });
    expect(me.body).toMatchObject({ role: 'seller', tenant: { id: shop.tenantId } });
    const { body: audit } = await shop.call('GET', `/api/audit?actor=user:${me.body.id}&subjectType=user`);
    expect(audit.items).toMatchObject([{ action: 'Invitations.accept', kind: 'created', subjectId: me.body.id }]);
    expect(JSON.stringify(audit)).not.toContain('argon2');
    const { body } = await shop.call('GET', '/api/invitations');
    expect(body.items[0]).toMatchObject({ email, state: 'accepted' });
    expect(JSON.stringify(body)).not.toContain(token);
  });

  it('is taken by one of two who accept at once', async () => {
    const { token } = await invite();
    const statuses = (await Promise.all([accept(token), accept(token)])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 422]);
  });

  it('ends when it is withdrawn, replaced or too old, and its link then tells nothing', async () => {
    const withdrawn = await invite();
    expect((await shop.call('DELETE', `/api/invitations/${withdrawn['id']}`)).status).toBe(204);
    expect((await shop.call('DELETE', `/api/invitations/${withdrawn['id']}`)).body.code).toBe('invitation_not_found');
    const replaced = await invite({ email: 'otra@tienda.test' });
    await invite({ email: 'otra@tienda.test' });
    const old = await invite();
    await app.owner.query("update invitation set expires_at = now() - interval '1 s' where id = $1", [old['id']]);
    for (const { token } of [
      withdrawn,
      replaced,
      old,
      { token: 'nonsense' },
      { token: `din_${'0'.repeat(32)}_${'A'.repeat(43)}` },
    ]) {
      expect((await app.call('POST', '/api/auth/invitations/look', { token })).body.code).toBe('invalid_link');
      expect((await accept(token)).body.code).toBe('invalid_link');
    }
    const { body } = await shop.call('GET', '/api/invitations?limit=100');
    const states = body.items.map(({ state }: { state: string }) => state);
    expect(states).toEqual(expect.arrayContaining(['revoked', 'expired', 'open']));
  });

  it('is not made for who is here already, nor for an owner by who is none', async () => {
    const taken = await shop.call('POST', '/api/invitations', { email: shop.email, name: 'Ana', role: 'viewer' });
    expect([taken.status, taken.body.code]).toEqual([409, 'email_taken']);
    const admin = await signInAs(app, shop, 'admin');
    const owner = { email: 'jefa@tienda.test', name: 'Jefa', role: 'owner' };
    expect((await admin.call('POST', '/api/invitations', owner)).body.code).toBe('owner_only');
    const elsewhere = await invite({ email: other.email });
    expect((await accept(elsewhere['token'])).body.code).toBe('email_taken');
    const bad = await shop.call('POST', '/api/invitations', { email: 'no', name: '', role: 'king', expiresInHours: 0 });
    expect(bad.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'email',
      'name',
      'role',
      'expiresInHours',
    ]);
  });

  it('of another tenant does not exist (INV-8), and needs the right', async () => {
    const { id } = await invite();
    expect((await other.call('DELETE', `/api/invitations/${id}`)).status).toBe(404);
    expect((await other.call('GET', '/api/invitations')).body.items).toEqual([]);
    const manager = await signInAs(app, shop, 'manager');
    expect((await manager.call('GET', '/api/invitations')).status).toBe(403);
    expect((await app.call('GET', '/api/invitations')).status).toBe(401);
  });
});

describe('with a mail server', () => {
  let smtp: SmtpDouble;
  let mailing: TestApp;
  beforeAll(async () => {
    smtp = await startSmtpDouble();
    mailing = await startFeatures([AuthModule], { SMTP_URL: smtp.url, PUBLIC_URL: 'https://tienda.example' });
  });
  afterAll(async () => {
    await mailing.close();
    await smtp.close();
  });

  it('an invitation is mailed in the language of the shop', async () => {
    const owner = await mailing.openShop({ locale: 'pt' });
    const { body } = await owner.call('POST', '/api/invitations', { email: 'l@t.test', name: 'Lu', role: 'viewer' });
    expect(body.isMailed).toBe(true);
    const mail = smtp.mails[0]?.replaceAll('=\r\n', '') ?? '';
    expect(mail).toContain('To: l@t.test');
    expect(mail).toContain('https://tienda.example/invitation#din_');
  });
});
