import { Readable } from 'node:stream';
import {
  SocketFactory,
  type AuthCodec,
  type LinkedAuth,
  type LinkedContent,
  type LinkedCreds,
  type LinkedKey,
  type LinkedMessage,
  type LinkedSocket,
  type SocketConfig,
} from '../../src/providers/baileys/linked-socket.js';
import { EventsDouble } from './baileys-double-events.js';
import { BaileysNotInstalledError } from '../../src/providers/baileys/baileys.errors.js';

export type Sent = { readonly jid: string; readonly content: LinkedContent; readonly messageId: string };
type Failure = Error | 'hang';

/** What Baileys throws and closes with: the code is in `output.statusCode`. */
export class BoomDouble extends Error {
  readonly isBoom = true;
  readonly output: { readonly statusCode: number | undefined };

  constructor(message: string, statusCode?: number) {
    super(message);
    this.output = { statusCode };
  }
}

/**
 * WhatsApp as a linked device sees it, in memory: sockets that do nothing by themselves. A test makes them show codes,
 * open, close with any code, deliver, refuse and lose what was sent.
 */
export class BaileysDouble extends SocketFactory {
  readonly sockets: SocketDouble[] = [];
  /** Numbers WhatsApp does not know. */
  readonly unknownNumbers = new Set<string>();
  /** Files at WhatsApp, by their direct path. */
  readonly files = new Map<string, Buffer>();
  installed = true;
  /** Runs for each socket right after it is made, such as `(socket) => socket.open()`. */
  onOpen: (socket: SocketDouble) => void = () => undefined;

  async isInstalled(): Promise<boolean> {
    return this.installed;
  }

  async open(config: SocketConfig): Promise<SocketDouble> {
    this.assertInstalled();
    const socket = new SocketDouble(config, this.unknownNumbers);
    this.sockets.push(socket);
    // A real socket tells nothing before its maker could subscribe.
    setImmediate(() => this.onOpen(socket));
    return socket;
  }

  async codec(): Promise<AuthCodec> {
    this.assertInstalled();
    return {
      newCreds: () => newCreds(),
      toMessage: (value) => value as LinkedContent,
      toAppStateSyncKey: (value) => new AppStateSyncKeyDouble(value as object),
    };
  }

  /** What is at WhatsApp under the address in the message; else it has expired, and the phone uploads it again once. */
  async download(message: LinkedMessage, socket: LinkedSocket | null): Promise<Readable> {
    const again = async () => socket && this.files.get(directPathOf(await socket.updateMediaMessage(message)));
    const found = this.files.get(directPathOf(message)) ?? (await again());
    if (!found) throw new BoomDouble('Failed to fetch stream', 404);
    return Readable.from([found]);
  }

  /** The newest socket. @throws Error none was made */
  get socket(): SocketDouble {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('No socket was opened');
    return socket;
  }

  private assertInstalled(): void {
    if (!this.installed) throw new BaileysNotInstalledError();
  }
}

export class AppStateSyncKeyDouble {
  constructor(value: object) {
    Object.assign(this, value);
  }
}

let devices = 0;

function newCreds(): LinkedCreds {
  devices += 1;
  const noiseKey = { public: Buffer.from([devices]), private: Buffer.from([devices, 2]) };
  return Object.assign({ registered: false }, { noiseKey });
}

export class SocketDouble implements LinkedSocket {
  readonly ev = new EventsDouble();
  readonly auth: LinkedAuth;
  user: { id: string; lid?: string; name?: string } | undefined;
  readonly sent: Sent[] = [];
  readonly read: LinkedKey[] = [];
  readonly presences: string[] = [];
  readonly placeholderRequests: LinkedKey[] = [];
  isEnded = false;
  isLoggedOut = false;
  /** The next sends fail with these, in this order; 'hang' never answers. */
  readonly failures: Failure[] = [];
  /** The next sends that go out end with these all the same. */
  readonly lateFailures: Error[] = [];
  private counter = 0;

  constructor(
    readonly config: SocketConfig,
    private readonly unknownNumbers: ReadonlySet<string>,
  ) {
    this.auth = config.auth;
  }

  // What a phone and WhatsApp's server do

  connecting(): Promise<void> {
    return this.ev.emit('connection.update', { connection: 'connecting' });
  }

  showQr(qr = '2@double-qr'): Promise<void> {
    return this.ev.emit('connection.update', { qr });
  }

  /** Somebody scanned the code: new creds, then always close 515. */
  async pair(id = '5215550001111:7@s.whatsapp.net'): Promise<void> {
    Object.assign(this.auth.creds, { registered: true, me: { id } });
    await this.ev.emit('creds.update', { registered: true, me: { id } });
    await this.ev.emit('connection.update', { isNewLogin: true });
    await this.close(515, 'Stream Errored (restart required)');
  }

  open(id = '5215550001111:7@s.whatsapp.net', lid = '900100200300400:7@lid'): Promise<void> {
    this.user = { id, lid, name: 'Tienda' };
    return this.ev.emit('connection.update', { connection: 'open', isOnline: true });
  }

  /** The socket is finished with it, as a real one is. */
  async close(code: number | undefined, message = 'Connection Terminated'): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    const error = new BoomDouble(message, code);
    await this.ev.emit('connection.update', { connection: 'close', lastDisconnect: { error, date: new Date() } });
    this.ev.removeAllListeners();
  }

  /** One or more messages, live unless said otherwise. */
  deliver(messages: LinkedMessage | readonly LinkedMessage[], type: 'notify' | 'append' = 'notify'): Promise<void> {
    return this.ev.emit('messages.upsert', { messages: [messages].flat(), type });
  }

  /** @param status 0 error, 2 server, 3 delivered, 4 read, 5 played */
  status(messageId: string, status: number, code?: string, jid = '5215511112222@s.whatsapp.net'): Promise<void> {
    const update = { status, ...(code !== undefined && { messageStubParameters: [code] }) };
    return this.ev.emit('messages.update', [{ key: { remoteJid: jid, fromMe: true, id: messageId }, update }]);
  }

  // What DashOffice calls

  async sendMessage(
    jid: string,
    content: object,
    options: { messageId?: string; quoted?: LinkedMessage } = {},
  ): Promise<LinkedMessage> {
    const failure = this.failures.shift();
    if (failure === 'hang') return new Promise(() => undefined);
    if (failure) throw failure;
    if (this.isEnded) throw new BoomDouble('Connection Closed', 428);
    const messageId = options.messageId ?? `3EB0DOUBLE${this.next()}`;
    const given = content as LinkedContent;
    this.sent.push({ jid, content: given, messageId });
    const late = this.lateFailures.shift();
    if (late) throw late;
    const message: LinkedMessage = {
      key: { remoteJid: jid, fromMe: true, id: messageId },
      message: toProto(given, options.quoted),
      messageTimestamp: Math.floor(Date.now() / 1000),
      status: 1,
    };
    // Our own sends come back as events too.
    void this.deliver(message, 'append').catch(() => undefined);
    return message;
  }

  async relayMessage(jid: string, message: LinkedContent, { messageId }: { messageId: string }): Promise<string> {
    if (this.isEnded) throw new BoomDouble('Connection Closed', 428);
    this.sent.push({ jid, content: message, messageId });
    return messageId;
  }

  async readMessages(keys: LinkedKey[]): Promise<void> {
    this.read.push(...keys);
  }

  async sendPresenceUpdate(type: string, jid?: string): Promise<void> {
    this.presences.push(jid === undefined ? type : `${type} ${jid}`);
  }

  async requestPairingCode(phoneNumber: string): Promise<string> {
    await this.ev.emit('creds.update', { pairingCode: 'DOUBLE12', me: { id: `${phoneNumber}@s.whatsapp.net` } });
    return 'DOUBLE12';
  }

  async logout(): Promise<void> {
    this.isLoggedOut = true;
    await this.close(401, 'Intentional Logout');
  }

  async end(error?: Error): Promise<void> {
    const code = error && 'output' in error ? (error.output as { statusCode?: number }).statusCode : undefined;
    await this.close(code, error?.message);
  }

  async onWhatsApp(...numbers: string[]): Promise<{ jid: string; exists: boolean }[]> {
    if (this.isEnded) throw new BoomDouble('Connection Closed', 428);
    return numbers
      .map((number) => number.replaceAll(/\D/g, ''))
      .filter((digits) => !this.unknownNumbers.has(digits))
      .map((digits) => ({ jid: `${digits}@s.whatsapp.net`, exists: true }));
  }

  async requestPlaceholderResend(key: LinkedKey): Promise<string> {
    this.placeholderRequests.push(key);
    return `PDO${this.next()}`;
  }

  /** What the phone answers when it is asked to upload a file again. */
  reupload: (message: LinkedMessage) => LinkedMessage = (message) => message;

  async updateMediaMessage(message: LinkedMessage): Promise<LinkedMessage> {
    return this.reupload(message);
  }

  private next(): number {
    this.counter += 1;
    return this.counter;
  }
}

function directPathOf({ message }: LinkedMessage): string {
  for (const content of Object.values(message ?? {})) {
    if (typeof content === 'object' && content !== null && 'directPath' in content) return String(content.directPath);
  }
  return '';
}

/** Roughly what `generateWAMessage` makes of it. */
function toProto(content: LinkedContent, quoted: LinkedMessage | undefined): LinkedContent {
  const contextInfo = quoted ? { contextInfo: { stanzaId: quoted.key.id } } : {};
  if (typeof content.text === 'string') return { extendedTextMessage: { text: content.text, ...contextInfo } };
  if (content.location) return { locationMessage: content.location };
  if (content.react) return { reactionMessage: content.react };
  const kind = ['image', 'video', 'audio', 'document', 'sticker'].find((name) => name in content);
  return kind ? { [`${kind}Message`]: { caption: content.caption, mimetype: content.mimetype } } : { ...content };
}

/** An inbound text as WhatsApp delivers it; only what matters overridden. */
export function linkedText(
  id: string,
  text: string,
  {
    from = '5215511112222@s.whatsapp.net',
    at = new Date(),
    ...rest
  }: { from?: string; at?: Date } & Partial<LinkedMessage> = {},
): LinkedMessage {
  return {
    key: { remoteJid: from, fromMe: false, id, participant: '' },
    pushName: 'Ana',
    messageTimestamp: Math.floor(at.getTime() / 1000),
    message: { conversation: text, messageContextInfo: {} },
    ...rest,
  };
}

/** A message that came without its content, as from a click-to-WhatsApp ad. */
export function linkedPlaceholder(id: string, from = '5215511112222@s.whatsapp.net'): LinkedMessage {
  return {
    key: { remoteJid: from, fromMe: false, id, participant: '' },
    pushName: 'Ana',
    messageTimestamp: Math.floor(Date.now() / 1000),
    messageStubType: 2,
    messageStubParameters: ['Message absent from node'],
  };
}
