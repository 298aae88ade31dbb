import { Injectable } from '@nestjs/common';
import { TenantsService } from '../../auth/tenants.service.js';
import { UsersService } from '../../auth/users.service.js';
import { Mailer } from '../../platform/mail/mailer.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { StoppedReason } from '../webhook-endpoint.entity.js';

type Reason = Exclude<StoppedReason, 'person'>;
type Words = {
  readonly subject: (shop: string) => string;
  readonly reasons: Record<Reason, string>;
  readonly text: (shop: string, address: string, reason: string) => string;
};

const WORDS: Record<'es' | 'en' | 'pt', Words> = {
  es: {
    subject: (shop) => `${shop}: un webhook se detuvo`,
    reasons: {
      gone: 'La dirección respondió que ya no existe (410).',
      failing: 'Desde hace días no acepta ningún aviso.',
    },
    text: (shop, address, reason) =>
      `Los avisos de ${shop} ya no se envían a ${address}. ${reason}\n\n` +
      'Cuando la dirección vuelva a funcionar, active el webhook y repita los avisos que se perdieron.\n',
  },
  en: {
    subject: (shop) => `${shop}: a webhook was stopped`,
    reasons: {
      gone: 'The address answered that it is gone (410).',
      failing: 'It has taken no event for days.',
    },
    text: (shop, address, reason) =>
      `Events of ${shop} are no longer sent to ${address}. ${reason}\n\n` +
      'Once the address works again, start the webhook and replay the events that were missed.\n',
  },
  pt: {
    subject: (shop) => `${shop}: um webhook foi interrompido`,
    reasons: {
      gone: 'O endereço respondeu que não existe mais (410).',
      failing: 'Há dias ele não aceita nenhum aviso.',
    },
    text: (shop, address, reason) =>
      `Os avisos de ${shop} não são mais enviados para ${address}. ${reason}\n\n` +
      'Quando o endereço voltar a funcionar, ative o webhook e repita os avisos perdidos.\n',
  },
};

/** Tells a tenant's owners by mail that one of its webhooks gets nothing any more. */
@Injectable()
export class StopMails {
  constructor(
    private readonly users: UsersService,
    private readonly tenants: TenantsService,
    private readonly mailer: Mailer,
  ) {}

  async send(tenantId: TenantId, url: string, reason: Reason): Promise<void> {
    const { name, locale } = await this.tenants.get(tenantId);
    const { subject, reasons, text } = WORDS[locale];
    const { origin, pathname } = new URL(url);
    const mail = { subject: subject(name), text: text(name, `${origin}${pathname}`, reasons[reason]) };
    for (const to of await this.users.listOwnerEmails(tenantId)) await this.mailer.send({ to, ...mail });
  }
}
