import type { Readable } from 'node:stream';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { InboundMedia } from '../messages/message-content.js';
import { MediaUnavailableError } from '../providers/provider.errors.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import { refuseFile } from '../providers/rendering/refuse-file.js';
import { isRecord } from '../providers/reading/webhook-reading.js';
import type {
  AccountCheck,
  OutboundMessage,
  ProviderAccount,
  ReadMark,
  RejectionClass,
  SendOutcome,
  WhatsAppProvider,
} from '../providers/whatsapp-provider.js';
import { BAILEYS_CAPABILITIES } from '../providers/baileys/baileys.capabilities.js';
import { baileysCredentialsSchema } from '../providers/baileys/baileys.credentials.js';
import { BaileysNotInstalledError } from '../providers/baileys/baileys.errors.js';
import { closeCodeOf, toLinkedOutcome } from '../providers/baileys/baileys.outcome.js';
import { renderLinked } from '../providers/baileys/baileys.render.js';
import { KnownNumbers } from './known-numbers.js';
import { toDestination, toLinkedAddress } from '../providers/baileys/linked-address.js';
import { LinkedCheck } from './linked-check.js';
import { SocketFactory, type LinkedMessage, type OpenSession } from '../providers/baileys/linked-socket.js';
import { OpenSessions } from './open-sessions.js';
import { openPublicFile, PublicFileError } from '../providers/baileys/public-file.js';
import { messageIdOf, SentMessages, type Sending } from './sent-messages.js';

type Rejected = Extract<SendOutcome, { outcome: 'rejected' }>;
type Prepared = { readonly content: object; readonly quoted?: LinkedMessage; readonly bytes: Readable | null };
const NOT_OPEN_RETRY_MS = 2_000;

/**
 * WhatsApp through a linked device (reference, section 5). The one strategy with a state: its sockets live in the
 * process that holds the lease of the session, and only there a send can succeed.
 */
@Injectable()
export class BaileysProvider implements WhatsAppProvider, OnModuleInit {
  readonly name = 'baileys';
  readonly capabilities = BAILEYS_CAPABILITIES;
  readonly credentialsSchema = baileysCredentialsSchema;
  private readonly logger = new Logger(BaileysProvider.name);
  private readonly numbers = new KnownNumbers();

  constructor(
    private readonly sessions: OpenSessions,
    private readonly sent: SentMessages,
    private readonly sockets: SocketFactory,
    private readonly account: LinkedCheck,
    private readonly factory: ProviderFactory,
  ) {}

  onModuleInit(): void {
    this.factory.register(this);
  }

  async send(account: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const refusal = refuseFile(message, BAILEYS_CAPABILITIES);
    if (refusal) return refusal;
    const session = this.sessions.find(account.connectionId);
    if (!session) return this.notOpen();
    const jid = await this.findJid(session, message);
    if (typeof jid !== 'string') return jid;
    const sending: Sending = {
      tenantId: session.tenantId,
      connectionId: session.connectionId,
      messageId: messageIdOf(session.connectionId, message.outboxId),
      outboxId: message.outboxId,
      jid,
    };
    const prepared = await this.prepare(sending, message, signal);
    if ('outcome' in prepared) return prepared;
    if (signal.aborted) return reject('retry', 'TIMEOUT', 'the deadline passed before anything left');
    return this.hand(session, sending, prepared, signal);
  }

  async markRead({ connectionId }: ProviderAccount, mark: ReadMark): Promise<void> {
    const session = this.sessions.find(connectionId);
    const jid = toLinkedAddress(mark.to.address)?.address;
    if (!session || jid === undefined) return;
    await session.socket.readMessages([{ remoteJid: jid, fromMe: false, id: mark.providerMessageId }]);
    if (mark.isTyping) await session.socket.sendPresenceUpdate('composing', jid);
  }

  /** @throws MediaUnavailableError */
  async openMedia({ connectionId }: ProviderAccount, { id, source }: InboundMedia): Promise<Readable> {
    const content = isRecord(source?.message) ? source.message : {};
    if (Object.keys(content).length === 0)
      throw new MediaUnavailableError('NO_SOURCE', 'nothing says where it is', true);
    const session = this.sessions.find(connectionId);
    const chat = typeof source?.chat === 'string' ? source.chat : null;
    try {
      const { toMessage } = await this.sockets.codec();
      const message = { key: { remoteJid: chat, fromMe: false, id }, message: toMessage(content) };
      return await this.sockets.download(message, session?.socket ?? null);
    } catch (error) {
      throw new MediaUnavailableError('DOWNLOAD_FAILED', String(error), false, { cause: error });
    }
  }

  check({ connectionId }: ProviderAccount, signal: AbortSignal): Promise<AccountCheck> {
    return this.account.check(connectionId, signal);
  }

  /** WhatsApp has no address to ask without a linked device: the connection's health tells. */
  async ping(): Promise<void> {}

  private async notOpen(): Promise<Rejected> {
    if (!(await this.sockets.isInstalled())) {
      const { code, message } = new BaileysNotInstalledError();
      return reject('auth', code, message);
    }
    const reason = 'the linked device is not connected in this process';
    return { ...reject('retry', 'NOT_OPEN', reason), retryAfterMs: NOT_OPEN_RETRY_MS, waitGrowth: 2 };
  }

  private async findJid(session: OpenSession, { to }: OutboundMessage): Promise<string | Rejected> {
    const destination = toDestination(to);
    if (destination === null) return reject('recipient', 'NO_ADDRESS', 'neither a phone number nor a WhatsApp id');
    if ('jid' in destination) return destination.jid;
    try {
      const jid = await this.numbers.find(session, destination.numbers);
      return jid ?? reject('recipient', 'NOT_ON_WHATSAPP', 'the number is not on WhatsApp');
    } catch (error) {
      const code = closeCodeOf(error);
      const reason = `the number could not be looked up: ${String(error)}`.slice(0, 500);
      // Only a question was asked, so whatever happened, no message left.
      return reject(code === 401 || code === 403 || code === 411 ? 'auth' : 'retry', String(code ?? 'LOOKUP'), reason);
    }
  }

  private async prepare(
    sending: Sending,
    { content, file }: OutboundMessage,
    signal: AbortSignal,
  ): Promise<Prepared | Rejected> {
    if (content.kind === 'template')
      return reject('failover', 'TEMPLATE_UNSUPPORTED', 'a linked device sends no templates');
    try {
      const quotes = 'quotes' in content ? content.quotes : undefined;
      const quoted = quotes === undefined ? null : await this.sent.findQuoted(sending, quotes);
      const limit = content.kind === 'media' ? (BAILEYS_CAPABILITIES.media[content.media]?.maxBytes ?? 0) : 0;
      const url = content.kind === 'media' ? content.url : undefined;
      const bytes = file ? await file.open() : url === undefined ? null : await openPublicFile(url, limit, signal);
      return { content: renderLinked(content, sending.jid, bytes, file), bytes, ...(quoted && { quoted }) };
    } catch (error) {
      const isRefused = error instanceof PublicFileError;
      return reject(isRefused ? 'permanent' : 'retry', 'FILE_UNREADABLE', String(error).slice(0, 500));
    }
  }

  private async hand(
    { socket }: OpenSession,
    sending: Sending,
    { content, quoted, bytes }: Prepared,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const { connectionId, messageId } = sending;
    try {
      await this.sent.note(sending);
    } catch (error) {
      bytes?.destroy();
      return reject('retry', 'NOT_RECORDED', String(error).slice(0, 500));
    }
    const sent = socket.sendMessage(sending.jid, content, { messageId, ...(quoted && { quoted }) });
    // Also when the deadline passes first: whoever cannot decrypt it asks for it later.
    const kept = sent.then((message) => this.keep(connectionId, messageId, message));
    try {
      await unlessAborted(kept, signal);
      return { outcome: 'accepted', providerMessageId: messageId };
    } catch (error) {
      if (signal.aborted) return { outcome: 'unknown', reason: 'no answer before the deadline' };
      return toLinkedOutcome(error);
    } finally {
      bytes?.destroy();
    }
  }

  /** That it left is what counts; without its content a receiver who asks again gets nothing. */
  private async keep(connectionId: string, messageId: string, message: LinkedMessage | undefined): Promise<void> {
    if (!message?.message) return;
    try {
      await this.sent.keep(connectionId, messageId, message.message);
    } catch (error) {
      this.logger.warn({ err: error, connectionId, messageId }, 'the content of a sent message was not kept');
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, refuse) => {
    const onAbort = (): void => refuse(new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, refuse).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function reject(rejection: RejectionClass, code: string, reason: string): Rejected {
  return { outcome: 'rejected', class: rejection, code, reason };
}
