import { afterEach, describe, expect, it } from 'vitest';
import { type SmtpDouble, startSmtpDouble } from '../../../test/support/smtp-double.js';
import { readEnv } from '../config/env.js';
import { ROLES } from '../../roles.js';
import { Mailer } from './mailer.js';

const MAIL = { to: 'lucia@example.com', subject: 'Invitación', text: 'Elija su contraseña' };

let smtp: SmtpDouble | null = null;
afterEach(async () => {
  await smtp?.close();
  smtp = null;
});

function mailer(variables: Record<string, string> = {}): Mailer {
  return new Mailer(readEnv({ MAIL_FROM: 'Tienda <no-reply@tienda.test>', ...variables }, ROLES));
}

describe('Mailer', () => {
  it('hands a mail over', async () => {
    smtp = await startSmtpDouble();
    expect(await mailer({ SMTP_URL: smtp.url }).send(MAIL)).toBe(true);
    expect(smtp.mails[0]).toMatch(
      /^From: Tienda <no-reply@tienda.test>\r\nTo: lucia@example.com\r\nSubject: =\?UTF-8/m,
    );
  });

  it('says when nobody took it: no server is named, it refuses, or it is away', async () => {
    expect(await mailer().send(MAIL)).toBe(false);
    smtp = await startSmtpDouble();
    const { url } = smtp;
    smtp.refuse();
    expect(await mailer({ SMTP_URL: url }).send(MAIL)).toBe(false);
    await smtp.close();
    smtp = null;
    expect(await mailer({ SMTP_URL: url }).send(MAIL)).toBe(false);
  });

  it('lets no line break of an address or a subject become a header', async () => {
    smtp = await startSmtpDouble();
    await mailer({ SMTP_URL: smtp.url }).send({ ...MAIL, subject: 'Hola\r\nBcc: all@example.com' });
    expect(smtp.mails[0]).not.toMatch(/^Bcc:/im);
  });
});
