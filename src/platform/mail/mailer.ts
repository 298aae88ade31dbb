import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { ENV, type Env } from '../config/env.js';

export type Mail = { readonly to: string; readonly subject: string; readonly text: string };

const TIMEOUT_MS = 10_000;

/** Hands plain-text mail to the server at SMTP_URL. */
@Injectable()
export class Mailer {
  private readonly logger = new Logger('Mail');
  private transport: Promise<Transporter> | null = null;

  constructor(@Inject(ENV) private readonly env: Env) {}

  /** @returns whether the server took it: false without SMTP_URL, and when the server refuses or does not answer */
  async send({ to, subject, text }: Mail): Promise<boolean> {
    const { smtpUrl, mailFrom } = this.env;
    if (smtpUrl === undefined) return false;
    this.transport ??= open(smtpUrl);
    try {
      const transport = await this.transport;
      await transport.sendMail({ from: mailFrom, to: { name: '', address: to }, subject, text });
      return true;
    } catch (error) {
      // Its message may name the recipient.
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      this.logger.error({ code }, 'a mail could not be handed over');
      return false;
    }
  }
}

async function open(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const { protocol, hostname, port, username, password } = new URL(url);
  return createTransport({
    host: hostname,
    port: port ? Number(port) : undefined,
    secure: protocol === 'smtps:',
    auth: username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : undefined,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
}
