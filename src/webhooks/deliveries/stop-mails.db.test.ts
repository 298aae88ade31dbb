import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { type SmtpDouble, startSmtpDouble } from '../../../test/support/smtp-double.js';
import { until } from '../../../test/support/until.js';
import { openWebhookShop, startWebhooks } from '../../../test/support/webhooks.js';

let smtp: SmtpDouble;
let app: TestApp;
beforeAll(async () => {
  smtp = await startSmtpDouble();
  app = await startWebhooks({ SMTP_URL: smtp.url });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

/** The text of a mail, its quoted-printable undone. */
function textOf(mail: string): string {
  const joined = mail.replaceAll('=\r\n', '');
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

async function goneFor(locale: string) {
  const shop = await openWebhookShop(app);
  await shop.call('PATCH', '/api/tenant', { locale });
  const seller = { email: `${randomUUID()}@t.test`, name: 'V', password: 'una frase larga', role: 'seller' };
  expect((await shop.call('POST', '/api/users', seller)).status).toBe(201);
  shop.receiver.answer = { status: 410 };
  await shop.emit({ orderId: randomUUID() });
  await shop.settle(({ state }) => state === 'dead');
  const toOwner = () => smtp.mails.filter((mail) => mail.includes(`To: ${shop.email}`));
  await until('the mail', async () => toOwner().length > 0);
  expect(smtp.mails.some((mail) => mail.includes(seller.email))).toBe(false);
  await shop.receiver.close();
  return { mails: toOwner().map(textOf), url: shop.receiver.url };
}

describe('a webhook that is stopped', () => {
  it.each([
    ['es', 'ya no se envían a', 'respondió que ya no existe'],
    ['en', 'are no longer sent to', 'answered that it is gone'],
    ['pt', 'não são mais enviados para', 'respondeu que não existe mais'],
  ])('is told to the owner, and to nobody else, in %s', async (locale, sentence, reason) => {
    const { mails, url } = await goneFor(locale);
    expect(mails).toHaveLength(1);
    // What stands behind the ? may be a secret.
    expect(mails[0]).toContain(`${sentence} ${url.split('?')[0]}. `);
    expect(mails[0]).toContain(reason);
  });
});
