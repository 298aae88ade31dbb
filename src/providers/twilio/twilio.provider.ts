import { Inject, Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import type { Twilio } from 'twilio';
import { Pool } from 'undici';
import type { OutboundMessage, ProviderAccount, SendOutcome, WhatsAppProvider } from '../whatsapp-provider.js';
import { twilioCredentialsSchema } from './twilio.credentials.js';
import { TwilioHttpClient } from './twilio.http-client.js';
import { toAccepted, toFailure } from './twilio.outcome.js';
import { renderTwilio, TWILIO_CAPABILITIES } from './twilio.render.js';
import { statusCallbackUrl } from './twilio.webhook-url.js';

/** Nest tokens: where Twilio's REST API is (`TWILIO_API_URL`), and how the world reaches us (`PUBLIC_URL`). */
export const TWILIO_API_URL = 'TWILIO_API_URL';
export const TWILIO_PUBLIC_URL = 'TWILIO_PUBLIC_URL';

const MAX_CONNECTIONS = 128;
const CONNECT_TIMEOUT_MS = 5_000;
/** Behind the caller's own deadline, in case it gave none. */
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * WhatsApp through Twilio Programmable Messaging (reference, section 3). Statuses come back to an address of ours with
 * the outbox id in it; without a public URL there is none, and an ambiguous send waits out its grace.
 */
@Injectable()
export class TwilioProvider implements WhatsAppProvider, OnModuleDestroy {
  readonly name = 'twilio';
  readonly capabilities = TWILIO_CAPABILITIES;
  readonly credentialsSchema = twilioCredentialsSchema;
  private readonly pool: Pool;
  private readonly pathPrefix: string;

  constructor(
    @Inject(TWILIO_API_URL) apiUrl: string,
    @Optional() @Inject(TWILIO_PUBLIC_URL) private readonly publicUrl?: string,
  ) {
    const url = new URL(apiUrl);
    this.pathPrefix = url.pathname.replace(/\/+$/, '');
    this.pool = new Pool(url.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      // After an HTTP/2 GOAWAY undici sends the stream again by itself; a message must leave once (INV-5).
      allowH2: false,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  async send(account: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { accountSid, authToken, from, messagingServiceSid } = account.credentials;
    if (!accountSid || !authToken || (!from && !messagingServiceSid)) {
      const reason = 'accountSid, authToken or the sender is missing';
      return { outcome: 'rejected', class: 'auth', code: 'NO_CREDENTIALS', reason };
    }
    const rendered = renderTwilio(message);
    if ('class' in rendered) return { outcome: 'rejected', ...rendered };
    const http = new TwilioHttpClient(this.pool, this.pathPrefix, signal);
    try {
      const client = await openClient(accountSid, authToken, http);
      const { sid } = await client.messages.create({
        ...rendered,
        ...(from ? { from: `whatsapp:${from.replace(/^whatsapp:/, '')}` } : { messagingServiceSid }),
        statusCallback: this.publicUrl && statusCallbackUrl(this.publicUrl, account.connectionId, message.outboxId),
      });
      return toAccepted(sid, http.answer);
    } catch (error) {
      return toFailure(error, http.answer);
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    const answer = await this.pool.request({ method: 'GET', path: `${this.pathPrefix}/`, signal });
    await answer.body.dump();
  }

  /** Waits for the answers that are still due. */
  async onModuleDestroy(): Promise<void> {
    await this.pool.close();
  }
}

/** A quarter of a second and 34 MB the first time, which a shop without Twilio never pays. */
async function openClient(accountSid: string, authToken: string, http: TwilioHttpClient): Promise<Twilio> {
  const { default: sdk } = await import('twilio');
  return new sdk.Twilio(accountSid, authToken, {
    // Typed as the SDK's own class; what it calls is `request` alone (reference, section 6).
    httpClient: http as never,
    // Given, so that the SDK does not look for them in the environment.
    edge: '',
    region: '',
    logLevel: '',
    userAgentExtensions: ['dashoffice'],
  });
}
