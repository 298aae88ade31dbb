import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { z } from 'zod';
import type { InboundMedia } from '../../messages/message-content.js';
import { MediaUnavailableError } from '../provider.errors.js';
import { refuseFile } from '../rendering/refuse-file.js';
import { lookupPublic } from '../../platform/http/public-address.js';
import { LazyDispatcher } from '../http/lazy-dispatcher.js';
import { askAccount, refuse, refusedAs } from '../http/ask-account.js';
import { readBoundedText } from '../http/bounded-text.js';
import { postOnce } from '../http/one-http-post.js';
import type {
  AccountCheck,
  OutboundMessage,
  ProviderAccount,
  ReadMark,
  RejectionClass,
  SendOutcome,
  WhatsAppProvider,
} from '../whatsapp-provider.js';
import { toEvolutionNumber } from './evolution.address.js';
import {
  evolutionCredentialsSchema,
  publicCredentialsSchema,
  type EvolutionCredentials,
} from './evolution.credentials.js';
import { openFromEvolution, sourceOf } from './evolution.media.js';
import { asksForState, toSendOutcome, type InstanceState } from './evolution.outcome.js';
import { EVOLUTION_CAPABILITIES } from './evolution.capabilities.js';
import { renderEvolution, type NotRenderable } from './evolution.render.js';

/** Each server has its own pool; a server is one process that drives WhatsApp sockets. */
const MAX_CONNECTIONS_PER_SERVER = 64;
const CONNECT_TIMEOUT_MS = 5_000;
/** Behind the caller's own deadline, in case it gave none. */
const ANSWER_TIMEOUT_MS = 30_000;
const STATE_TIMEOUT_MS = 2_000;
/** The server holds the request while it shows that somebody writes. */
const TYPING_MS = 2_000;

const NOT_RENDERABLE: Record<NotRenderable, { class: RejectionClass; reason: string }> = {
  NO_ADDRESS: { class: 'recipient', reason: 'neither a phone number nor a WhatsApp id' },
  // Nothing is wrong with the message: a connection on Meta's own API can send it.
  WRONG_MESSAGE_ID: { class: 'permanent', reason: 'the message reacted to is none of this connection' },
  TEMPLATE_UNSUPPORTED: { class: 'failover', reason: 'an Evolution connection sends no templates' },
};

const stateSchema = z.object({ instance: z.object({ state: z.string() }) });

export const EVOLUTION_PRIVATE_ALLOWED = 'EVOLUTION_PRIVATE_ALLOWED';

/** Evolution API v2, a gateway in front of linked devices (reference, section 4). */
@Injectable()
export class EvolutionProvider implements WhatsAppProvider, OnModuleDestroy {
  readonly name = 'evolution';
  readonly capabilities = EVOLUTION_CAPABILITIES;
  readonly credentialsSchema: typeof evolutionCredentialsSchema;
  private readonly agent = new LazyDispatcher<Agent>(
    (undici) =>
      new undici.Agent({
        connections: MAX_CONNECTIONS_PER_SERVER,
        pipelining: 1,
        // After an HTTP/2 GOAWAY undici sends the stream again by itself; a message must leave once (INV-5).
        allowH2: false,
        connect: { timeout: CONNECT_TIMEOUT_MS, ...(this.isPrivateAllowed ? {} : { lookup: lookupPublic }) },
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      }),
  );

  constructor(@Inject(EVOLUTION_PRIVATE_ALLOWED) private readonly isPrivateAllowed: boolean) {
    this.credentialsSchema = isPrivateAllowed ? evolutionCredentialsSchema : publicCredentialsSchema;
  }

  async send(account: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const credentials = this.credentialsSchema.safeParse(account.credentials).data;
    if (!credentials)
      return reject('auth', 'NO_CREDENTIALS', 'baseUrl, apiKey or instanceName is missing or not valid');
    const refusal = refuseFile(message, EVOLUTION_CAPABILITIES);
    if (refusal) return refusal;
    let source: string | undefined;
    try {
      source = message.file && (await sourceOf(message.file));
    } catch (error) {
      return reject('retry', 'FILE_UNREADABLE', String(error).slice(0, 500));
    }
    const rendered = renderEvolution(message, source);
    if (typeof rendered === 'string') {
      return reject(NOT_RENDERABLE[rendered].class, rendered, NOT_RENDERABLE[rendered].reason);
    }
    const request = {
      ...addressOf(credentials, `message/${rendered.operation}`),
      headers: { apikey: credentials.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(rendered.body),
    };
    const answer = await postOnce(await this.agent.get(), request, signal);
    return toSendOutcome(answer, asksForState(answer) ? await this.stateOf(credentials, signal) : null);
  }

  async markRead(account: ProviderAccount, { to, providerMessageId, isTyping }: ReadMark, signal: AbortSignal) {
    const credentials = this.credentialsSchema.safeParse(account.credentials).data;
    const number = toEvolutionNumber(to.address);
    if (!credentials || number === null) return;
    const remoteJid = number.includes('@') ? number : `${number}@s.whatsapp.net`;
    const read = { readMessages: [{ id: providerMessageId, fromMe: false, remoteJid }] };
    const typing = { number, presence: 'composing', delay: TYPING_MS };
    await Promise.all([
      this.tell(credentials, 'chat/markMessageAsRead', read, signal),
      isTyping ? this.tell(credentials, 'chat/sendPresence', typing, signal) : null,
    ]);
  }

  /** @throws MediaUnavailableError */
  async openMedia(account: ProviderAccount, media: InboundMedia, signal: AbortSignal): Promise<Readable> {
    const credentials = this.credentialsSchema.safeParse(account.credentials).data;
    if (!credentials) throw new MediaUnavailableError('NO_CREDENTIALS', 'the account is incomplete', false);
    const at = { ...addressOf(credentials, 'chat/getBase64FromMediaMessage'), apiKey: credentials.apiKey };
    return openFromEvolution(await this.agent.get(), at, media.id, signal);
  }

  async check(account: ProviderAccount, signal: AbortSignal): Promise<AccountCheck> {
    const credentials = this.credentialsSchema.safeParse(account.credentials).data;
    if (!credentials)
      return refuse('auth', 'NO_CREDENTIALS', 'baseUrl, apiKey or instanceName is missing or not valid');
    const question = {
      ...addressOf(credentials, 'instance/connectionState'),
      headers: { apikey: credentials.apiKey },
    };
    const asked = await askAccount(await this.agent.get(), question, signal);
    if ('ok' in asked) return asked;
    if (asked.status !== 200) return refusedAs(toSendOutcome({ stage: 'answered', retryAfter: null, ...asked }));
    const state = readState(asked.body);
    if (state === 'open') return { ok: true, displayName: credentials.instanceName };
    if (state === null) return refuse('retry', 'UNEXPECTED_ANSWER', 'HTTP 200 without the state of the instance');
    return refuse('failover', 'INSTANCE_NOT_OPEN', `the instance is ${state}`.slice(0, 300));
  }

  /** Every connection has a server of its own, so there is none to ask: the connection's health tells. */
  async ping(): Promise<void> {}

  /** Waits for the answers that are still due. */
  async onModuleDestroy(): Promise<void> {
    await this.agent.close();
  }

  private async tell(credentials: EvolutionCredentials, route: string, body: object, signal: AbortSignal) {
    const headers = { apikey: credentials.apiKey, 'content-type': 'application/json' };
    const request = { ...addressOf(credentials, route), headers, body: JSON.stringify(body) };
    await postOnce(await this.agent.get(), request, signal);
  }

  private async stateOf(credentials: EvolutionCredentials, signal: AbortSignal): Promise<InstanceState> {
    try {
      const agent = await this.agent.get();
      const answer = await agent.request({
        ...addressOf(credentials, 'instance/connectionState'),
        method: 'GET',
        headers: { apikey: credentials.apiKey },
        signal: AbortSignal.any([signal, AbortSignal.timeout(STATE_TIMEOUT_MS)]),
      });
      return readState(await readBoundedText(answer.body));
    } catch {
      return null; // no state is an answer too: the send then stays unknown
    }
  }
}

function readState(body: string): InstanceState {
  try {
    return stateSchema.safeParse(JSON.parse(body)).data?.instance.state ?? null;
  } catch {
    return null; // not JSON: nothing of Evolution's
  }
}

function addressOf({ baseUrl, instanceName }: EvolutionCredentials, route: string): { origin: string; path: string } {
  const { origin, pathname } = new URL(baseUrl);
  return { origin, path: `${pathname.replace(/\/+$/, '')}/${route}/${encodeURIComponent(instanceName)}` };
}

function reject(rejection: RejectionClass, code: string, reason: string): SendOutcome {
  return { outcome: 'rejected', class: rejection, code, reason };
}
