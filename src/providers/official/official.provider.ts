import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Pool } from 'undici';
import type { OutboundMessage, ProviderAccount, SendOutcome, WhatsAppProvider } from '../whatsapp-provider.js';
import { officialCredentialsSchema } from './official.credentials.js';
import { postToGraph } from './official.http.js';
import { toSendOutcome } from './official.outcome.js';
import { OFFICIAL_CAPABILITIES, renderOfficial } from './official.render.js';

/** Nest tokens: where the Graph API is (`META_GRAPH_URL`) and which version of it is spoken. */
export const META_GRAPH_URL = 'META_GRAPH_URL';
export const META_GRAPH_VERSION = 'META_GRAPH_VERSION';
export const DEFAULT_GRAPH_URL = 'https://graph.facebook.com';
export const DEFAULT_GRAPH_VERSION = 'v25.0';

/** 1,000 sends/s at a slow 250 ms an answer. */
const MAX_CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 5_000;
/** Behind the caller's own deadline, in case it gave none. */
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024;

/** Meta's WhatsApp Cloud API (reference, section 2). */
@Injectable()
export class OfficialProvider implements WhatsAppProvider, OnModuleDestroy {
  readonly name = 'official';
  readonly capabilities = OFFICIAL_CAPABILITIES;
  readonly credentialsSchema = officialCredentialsSchema;
  private readonly pool: Pool;
  private readonly pathPrefix: string;

  constructor(
    @Inject(META_GRAPH_URL) graphUrl: string = DEFAULT_GRAPH_URL,
    @Inject(META_GRAPH_VERSION) private readonly version: string = DEFAULT_GRAPH_VERSION,
  ) {
    const url = new URL(graphUrl);
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
    const { phoneNumberId, accessToken } = account.credentials;
    if (!phoneNumberId || !accessToken) {
      return reject('auth', 'NO_CREDENTIALS', 'phoneNumberId or accessToken is missing');
    }
    const body = renderOfficial(message);
    if (!body) return reject('recipient', 'NO_ADDRESS', 'neither a phone number nor a business-scoped user id');
    const path = `${this.pathPrefix}/${this.version}/${encodeURIComponent(phoneNumberId)}/messages`;
    const request = { path, token: accessToken, body: JSON.stringify(body) };
    return toSendOutcome(await postToGraph(this.pool, request, signal));
  }

  async ping(signal: AbortSignal): Promise<void> {
    const answer = await this.pool.request({ method: 'GET', path: `${this.pathPrefix}/${this.version}/`, signal });
    await answer.body.dump();
  }

  /** Waits for the answers that are still due. */
  async onModuleDestroy(): Promise<void> {
    await this.pool.close();
  }
}

function reject(rejection: 'auth' | 'recipient', code: string, reason: string): SendOutcome {
  return { outcome: 'rejected', class: rejection, code, reason };
}
