import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { openBrowser } from '../../../test/support/browser.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { type SmtpDouble, startSmtpDouble } from '../../../test/support/smtp-double.js';
import { until } from '../../../test/support/until.js';
import { AuthModule } from '../auth.module.js';

let smtp: SmtpDouble;
let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  smtp = await startSmtpDouble();
  app = await startFeatures([AuthModule], { SMTP_URL: smtp.url });
  shop = await app.openShop();
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const idOf = async (person: Shop) => (await person.call('GET', '/api/auth/me')).body.id as string;
const login = (email: string, password: string) => app.call('POST', '/api/auth/login', { email, password });
const ask = (email: string) => app.call('POST', '/api/auth/password-resets', { email });
const finish = (token: string | undefined, password = 'una frase nueva') =>
  app.call('POST', '/api/auth/password-resets/finish', { token, password });
const mailsTo = (email: string) => smtp.mails.filter((mail) => mail.includes(`To: ${email}`));
const tokenIn = (mail = '') => /#(dpr_[\w-]+)/.exec(mail.replaceAll('=\r\n', ''))?.[1];

describe('a forgotten password', () => {
  it('is chosen anew by the mailed link, once; every session ends and the browser is known', async () => {
    const person = await signInAs(app, shop, 'seller');
    expect((await ask(person.email.toUpperCase())).status).toBe(204);
    await until('the mail', async () => mailsTo(person.email).length === 1);
    const token = tokenIn(mailsTo(person.email)[0]);
    const browser = openBrowser(app);
    const done = await browser.call('POST', '/api/auth/password-resets/finish', { token, password: 'una frase nueva' });
    expect(done.status).toBe(204);
    expect([...browser.cookies.keys()]).toEqual(['dashoffice_device']);
    expect((await finish(token)).body.code).toBe('invalid_link');
    expect((await person.call('GET', '/api/auth/me')).status).toBe(401);
    expect((await login(person.email, person.password)).status).toBe(401);
    expect((await login(person.email, 'una frase nueva')).status).toBe(200);
  });

  it('answers the same for who is not there, mails nobody, and mails one account three times an hour', async () => {
    const known = await ask(shop.email);
    const unknown = await ask('nadie@tienda.test');
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    for (let n = 0; n < 5; n += 1) expect((await ask(shop.email)).status).toBe(204);
    await until('the mail', async () => mailsTo(shop.email).length === 3);
    const last = await signInAs(app, shop, 'viewer');
    await ask(last.email);
    await until('the mail', async () => mailsTo(last.email).length === 1);
    expect([mailsTo(shop.email).length, mailsTo('nadie@tienda.test').length]).toEqual([3, 0]);
  });

  it('is not chosen by a link that is old, used, of somebody switched off, or made up', async () => {
    const person = await signInAs(app, shop, 'seller');
    const path = `/api/users/${await idOf(person)}/password-resets`;
    const give = async () => (await shop.call('POST', path)).body.link.split('#')[1] as string;
    const [old, first, second] = [await give(), await give(), await give()];
    await app.owner.query(
      "update password_reset set expires_at = now() - interval '1 s' where created_at = (select min(created_at) from password_reset where user_id = $1)",
      [await idOf(person)],
    );
    expect((await finish(old)).body.code).toBe('invalid_link');
    const raced = await Promise.all([finish(first), finish(second)]);
    expect(raced.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 422]);
    const third = await give();
    await app.owner.query('update app_user set is_active = false where email = $1', [person.email]);
    for (const token of [third, 'nonsense', `dpr_${'0'.repeat(32)}_${'A'.repeat(43)}`])
      expect((await finish(token)).body.code).toBe('invalid_link');
    expect((await finish(third, 'corta')).status).toBe(400);
  });

  it('is helped with by who keeps users; an owner’s by an owner, another tenant’s by nobody', async () => {
    const [admin, manager] = [await signInAs(app, shop, 'admin'), await signInAs(app, shop, 'manager')];
    const path = `/api/users/${await idOf(manager)}/password-resets`;
    expect((await admin.call('POST', path)).body).toMatchObject({
      isMailed: true,
      link: expect.stringContaining('#dpr_'),
    });
    expect((await manager.call('POST', path)).status).toBe(403);
    const ofOwner = `/api/users/${await idOf(shop)}/password-resets`;
    expect((await admin.call('POST', ofOwner)).body.code).toBe('owner_only');
    const other = await app.openShop();
    expect((await other.call('POST', path)).body.code).toBe('user_not_found');
  });
});

describe('one’s own password', () => {
  it('is changed with the old one, and ends the other sessions', async () => {
    const person = await signInAs(app, shop, 'viewer');
    const { body: elsewhere } = await login(person.email, person.password);
    const change = (currentPassword: string, newPassword: string) =>
      person.call('POST', '/api/auth/password', { currentPassword, newPassword });
    expect((await change('no es esta', 'una frase distinta')).body).toMatchObject({
      code: 'wrong_password',
      errors: [{ field: 'currentPassword' }],
    });
    expect((await change(person.password, 'corta')).status).toBe(400);
    expect((await change(person.password, 'una frase distinta')).status).toBe(204);
    expect((await person.call('GET', '/api/auth/me')).status).toBe(200);
    expect((await app.call('POST', '/api/auth/refresh', { refreshToken: elsewhere.refreshToken })).status).toBe(401);
    expect((await login(person.email, 'una frase distinta')).status).toBe(200);
  });
});
