import { Injectable } from '@nestjs/common';
import type { OutboundMessage, ProviderAccount, SendOutcome, WhatsAppProvider } from '../whatsapp-provider.js';
import { BAILEYS_CAPABILITIES } from './baileys.capabilities.js';
import { baileysCredentialsSchema } from './baileys.credentials.js';
import { OpenSessions } from './open-sessions.js';

/** WhatsApp through a linked device, whose socket lives in this process (reference, section 5). */
@Injectable()
export class BaileysProvider implements WhatsAppProvider {
  readonly name = 'baileys';
  readonly capabilities = BAILEYS_CAPABILITIES;
  readonly credentialsSchema = baileysCredentialsSchema;

  constructor(private readonly sessions: OpenSessions) {}

  async send(account: ProviderAccount, _message: OutboundMessage, _signal: AbortSignal): Promise<SendOutcome> {
    const isOpen = this.sessions.find(account.connectionId) !== null;
    return { outcome: 'rejected', class: 'failover', code: 'NOT_OPEN', reason: `the device is not linked (${isOpen})` };
  }

  /** WhatsApp has no address to ask without a linked device: the connection's health tells. */
  async ping(): Promise<void> {}
}
