import { Inject, Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import type { Twilio } from 'twilio';
import type { Readable } from 'node:stream';
import type { Agent, Pool } from 'undici';
import type { InboundMedia } from '../../messages/message-content.js';
import { MediaUnavailableError } from '../provider.errors.js';
import { refuseFile } from '../rendering/refuse-file.js';
import { LazyDispatcher } from '../http/lazy-dispatcher.js';
import { refuse } from '../http/ask-account.js';
import { postOnce } from '../http/one-http-post.js';
import type {
  AccountCheck,
  OutboundMessage,
  ProviderAccount,
  ReadMark,
  SendOutcome,
  WhatsAppProvider,
} from '../whatsapp-provider.js';
import { checkTwilio } from './twilio.check.js';
import { twilioCredentialsSchema } from './twilio.credentials.js';
import { TwilioHttpClient } from './twilio.http-client.js';
import { openFromTwilio } from './twilio.media.js';
import { toAccepted, toFailure } from './twilio.outcome.js';
import { TWILIO_CAPABILITIES } from './twilio.capabilities.js';
import { renderTwilio } from './twilio.render.js';
import { statusCallbackUrl } from './twilio.webhook-url.js';

/** Nest tokens: where Twilio's REST API is (`TWILIO_API_URL`), and how the world reaches us (`PUBLIC_URL`). */
export const TWILIO_API_URL = 'TWILIO_API_URL';
export const TWILIO_PUBLIC_URL = 'TWILIO_PUBLIC_URL';

const MAX_CONNECTIONS = 128;
const CONNECT_TIMEOUT_MS = 5_000;
/** The typing indicator lives on a host of its own; a base URL of one's own serves both (reference 3.2). */
const API_ORIGIN = 'https://api.twilio.com';
const MESSAGING_ORIGIN = 'https://messaging.twilio.com';
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
  private readonly pool: LazyDispatcher<Pool>;
  /** For what lies on other hosts: files, and the typing indicator. */
  private readonly elsewhere = new LazyDispatcher<Agent>(
    (undici) =>
      new undici.Agent({
        connect: { timeout: CONNECT_TIMEOUT_MS },
        allowH2: false,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      }),
  );
  private readonly pathPrefix: string;

  constructor(
    @Inject(TWILIO_API_URL) private readonly apiUrl: string,
    @Optional() @Inject(TWILIO_PUBLIC_URL) private readonly publicUrl?: string,
  ) {
    const url = new URL(apiUrl);
    this.pathPrefix = url.pathname.replace(/\/+$/, '');
    const options: Pool.Options = {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      // After an HTTP/2 GOAWAY undici sends the stream again by itself; a message must leave once (INV-5).
      allowH2: false,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
    };
    this.pool = new LazyDispatcher((undici) => new undici.Pool(url.origin, options));
  }

  async send(account: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { accountSid, authToken, from, messagingServiceSid } = account.credentials;
    if (!accountSid || !authToken || (!from && !messagingServiceSid)) {
      const reason = 'accountSid, authToken or the sender is missing';
      return { outcome: 'rejected', class: 'auth', code: 'NO_CREDENTIALS', reason };
    }
    const refusal = refuseFile(message, TWILIO_CAPABILITIES);
    if (refusal) return refusal;
    const rendered = renderTwilio(message);
    if ('class' in rendered) return { outcome: 'rejected', ...rendered };
    const http = new TwilioHttpClient(await this.pool.get(), this.pathPrefix, signal);
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

  /** Twilio marks a message read only while it shows that somebody writes (reference 3.2). */
  async markRead(account: ProviderAccount, { providerMessageId, isTyping }: ReadMark, signal: AbortSignal) {
    const { accountSid, authToken } = account.credentials;
    if (!isTyping || !accountSid || !authToken) return;
    const { origin, prefix } = this.messaging;
    const request = {
      origin,
      path: `${prefix}/v2/Indicators/Typing.json`,
      headers: {
        authorization: `Basic ${basicOf(accountSid, authToken)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ channel: 'whatsapp', messageId: providerMessageId }).toString(),
    };
    await postOnce(await this.elsewhere.get(), request, signal);
  }

  /** @throws MediaUnavailableError */
  async openMedia(account: ProviderAccount, media: InboundMedia, signal: AbortSignal): Promise<Readable> {
    const { accountSid, authToken } = account.credentials;
    if (!accountSid || !authToken) {
      throw new MediaUnavailableError('NO_CREDENTIALS', 'the account is incomplete', false);
    }
    const at = { apiUrl: this.apiUrl, basic: basicOf(accountSid, authToken) };
    return openFromTwilio(await this.elsewhere.get(), at, media.id, signal);
  }

  async check({ credentials }: ProviderAccount, signal: AbortSignal): Promise<AccountCheck> {
    const { accountSid, authToken, from, messagingServiceSid } = credentials;
    if (!accountSid || !authToken) return refuse('auth', 'NO_CREDENTIALS', 'accountSid or authToken is missing');
    const places = { prefix: this.pathPrefix, messaging: this.messaging };
    const account = { accountSid, basic: basicOf(accountSid, authToken), from, messagingServiceSid };
    return checkTwilio(await this.pool.get(), await this.elsewhere.get(), places, account, signal);
  }

  async ping(signal: AbortSignal): Promise<void> {
    const pool = await this.pool.get();
    const answer = await pool.request({ method: 'GET', path: `${this.pathPrefix}/`, signal });
    await answer.body.dump();
  }

  private get messaging(): { origin: string; prefix: string } {
    const { origin } = new URL(this.apiUrl);
    return origin === API_ORIGIN ? { origin: MESSAGING_ORIGIN, prefix: '' } : { origin, prefix: this.pathPrefix };
  }

  /** Waits for the answers that are still due. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.pool.close(), this.elsewhere.close()]);
  }
}

function basicOf(accountSid: string, authToken: string): string {
  return Buffer.from(`${accountSid}:${authToken}`).toString('base64');
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
