import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../platform/config/env.js';
import { Mailer } from '../platform/mail/mailer.js';
import type { TenantView } from './tenants.dto.js';

export type LinkKind = 'invitation' | 'password-reset';
type Words = { readonly subject: (shop: string) => string; readonly text: (shop: string, link: string) => string };

const WORDS: Record<LinkKind, Record<TenantView['locale'], Words>> = {
  invitation: {
    es: {
      subject: (shop) => `Invitación a ${shop}`,
      text: (shop, link) => `Le invitan a trabajar en ${shop}. Elija su contraseña aquí:\n\n${link}\n`,
    },
    en: {
      subject: (shop) => `Invitation to ${shop}`,
      text: (shop, link) => `You are invited to work at ${shop}. Choose your password here:\n\n${link}\n`,
    },
    pt: {
      subject: (shop) => `Convite para ${shop}`,
      text: (shop, link) => `Você foi convidado para trabalhar em ${shop}. Escolha sua senha aqui:\n\n${link}\n`,
    },
  },
  'password-reset': {
    es: {
      subject: (shop) => `Nueva contraseña para ${shop}`,
      text: (_, link) => `Elija una contraseña nueva aquí. Si no la pidió, no haga nada.\n\n${link}\n`,
    },
    en: {
      subject: (shop) => `New password for ${shop}`,
      text: (_, link) => `Choose a new password here. If you did not ask for it, do nothing.\n\n${link}\n`,
    },
    pt: {
      subject: (shop) => `Nova senha para ${shop}`,
      text: (_, link) => `Escolha uma nova senha aqui. Se você não a pediu, não faça nada.\n\n${link}\n`,
    },
  },
};

/** Links that work once. Their secret stands behind the `#`, so that no server, log or referrer ever sees it. */
@Injectable()
export class OneTimeLinks {
  private readonly base: string;

  constructor(
    @Inject(ENV) { publicUrl, host, port }: Env,
    private readonly mailer: Mailer,
  ) {
    // Never from the request: its Host header is the caller's to choose.
    this.base = publicUrl?.replace(/\/+$/, '') ?? `http://${host}:${port}`;
  }

  linkOf(kind: LinkKind, token: string): string {
    return `${this.base}/${kind}#${token}`;
  }

  /** @returns whether a mail server took it; otherwise whoever made the link passes it on */
  mail(kind: LinkKind, token: string, to: string, { name, locale }: TenantView): Promise<boolean> {
    const { subject, text } = WORDS[kind][locale];
    return this.mailer.send({ to, subject: subject(name), text: text(name, this.linkOf(kind, token)) });
  }
}
