import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Readable } from 'node:stream';
import type { Agent, Pool } from 'undici';
import type { InboundMedia } from '../../messages/message-content.js';
import { MediaUnavailableError } from '../provider.errors.js';
import { refuseFile } from '../rendering/refuse-file.js';
import { LazyDispatcher } from '../http/lazy-dispatcher.js';
import { refuse } from '../http/ask-account.js';
import type {
  AccountCheck,
  OutboundFile,
  OutboundMessage,
  ProviderAccount,
  ReadMark,
  SendOutcome,
  TemplateAnswer,
  WhatsAppProvider,
} from '../whatsapp-provider.js';
import { checkOfficial } from './official.check.js';
import { officialCredentialsSchema } from './official.credentials.js';
import { postToGraph } from './official.http.js';
import { openFromGraph, UPLOAD_VALID_MS, uploadToGraph } from './official.media.js';
import { toSendOutcome } from './official.outcome.js';
import { listOfficialTemplates } from './official.templates.js';
import { OFFICIAL_CAPABILITIES } from './official.capabilities.js';
import { isOfficialId, renderOfficial } from './official.render.js';

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
  private readonly pool: LazyDispatcher<Pool>;
  /** Files lie on hosts of their own, and are larger than any answer. */
  private readonly downloads = new LazyDispatcher<Agent>(
    (undici) =>
      new undici.Agent({
        connect: { timeout: CONNECT_TIMEOUT_MS },
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      }),
  );
  private readonly pathPrefix: string;

  constructor(
    @Inject(META_GRAPH_URL) private readonly graphUrl: string = DEFAULT_GRAPH_URL,
    @Inject(META_GRAPH_VERSION) private readonly version: string = DEFAULT_GRAPH_VERSION,
  ) {
    const url = new URL(graphUrl);
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
    const { phoneNumberId, accessToken } = account.credentials;
    if (!phoneNumberId || !accessToken) {
      return reject('auth', 'NO_CREDENTIALS', 'phoneNumberId or accessToken is missing');
    }
    const { content, file } = message;
    if (content.kind === 'reaction' && !isOfficialId(content.aboutId)) {
      return reject('permanent', 'WRONG_MESSAGE_ID', 'the message reacted to is none of this connection');
    }
    const refusal = refuseFile(message, OFFICIAL_CAPABILITIES);
    if (refusal) return refusal;
    const numberPath = `${this.pathPrefix}/${this.version}/${encodeURIComponent(phoneNumberId)}`;
    const upload = file && (await this.upload(`${numberPath}/media`, accessToken, file, signal));
    if (upload && 'outcome' in upload) return upload;
    const body = renderOfficial(message, upload?.id);
    if (!body) return reject('recipient', 'NO_ADDRESS', 'neither a phone number nor a business-scoped user id');
    const request = { path: `${numberPath}/messages`, token: accessToken, body: JSON.stringify(body) };
    return toSendOutcome(await postToGraph(await this.pool.get(), request, signal));
  }

  async markRead(account: ProviderAccount, { providerMessageId, isTyping }: ReadMark, signal: AbortSignal) {
    const { phoneNumberId, accessToken } = account.credentials;
    if (!phoneNumberId || !accessToken) return;
    const path = `${this.pathPrefix}/${this.version}/${encodeURIComponent(phoneNumberId)}/messages`;
    const body = JSON.stringify({
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: providerMessageId,
      ...(isTyping && { typing_indicator: { type: 'text' } }),
    });
    await postToGraph(await this.pool.get(), { path, token: accessToken, body }, signal);
  }

  /** @throws MediaUnavailableError */
  async openMedia(account: ProviderAccount, media: InboundMedia, signal: AbortSignal): Promise<Readable> {
    const { phoneNumberId, accessToken: token } = account.credentials;
    if (!phoneNumberId || !token) throw new MediaUnavailableError('NO_CREDENTIALS', 'the account is incomplete', false);
    const url = `${this.graphUrl.replace(/\/+$/, '')}/${this.version}`;
    return openFromGraph(await this.downloads.get(), { url, token, phoneNumberId }, media, signal);
  }

  async check({ credentials }: ProviderAccount, signal: AbortSignal): Promise<AccountCheck> {
    const { phoneNumberId, accessToken: token } = credentials;
    if (!phoneNumberId || !token) return refuse('auth', 'NO_CREDENTIALS', 'phoneNumberId or accessToken is missing');
    const path = `${this.pathPrefix}/${this.version}/${encodeURIComponent(phoneNumberId)}`;
    return checkOfficial(await this.pool.get(), { path, token }, signal);
  }

  async listTemplates(
    { credentials }: ProviderAccount,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
    signal: AbortSignal,
  ): Promise<TemplateAnswer> {
    const { wabaId, accessToken: token } = credentials;
    if (!wabaId || !token) return refuse('auth', 'NO_CREDENTIALS', 'wabaId or accessToken is missing');
    const path = `${this.pathPrefix}/${this.version}/${encodeURIComponent(wabaId)}`;
    const question = { path, token, limit, cursor, maxBytes: MAX_ANSWER_BYTES };
    return listOfficialTemplates(await this.pool.get(), question, signal);
  }

  async ping(signal: AbortSignal): Promise<void> {
    const pool = await this.pool.get();
    const answer = await pool.request({ method: 'GET', path: `${this.pathPrefix}/${this.version}/`, signal });
    await answer.body.dump();
  }

  private async upload(path: string, token: string, file: OutboundFile, signal: AbortSignal) {
    const known = await file.recall();
    if (known !== null) return { id: known };
    const upload = await uploadToGraph(await this.pool.get(), { path, token }, file, signal);
    if ('id' in upload) await file.remember(upload.id, UPLOAD_VALID_MS);
    return upload;
  }

  /** Waits for the answers that are still due. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.pool.close(), this.downloads.close()]);
  }
}

function reject(rejection: 'auth' | 'recipient' | 'permanent', code: string, reason: string): SendOutcome {
  return { outcome: 'rejected', class: rejection, code, reason };
}
