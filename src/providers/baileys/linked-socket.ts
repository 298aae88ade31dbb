import type { Readable } from 'node:stream';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';

/**
 * The part of Baileys 7 that DashOffice uses, in types of its own: the package is optional, and nothing but
 * `baileys-socket-factory.ts` touches it. A real socket and the double of the tests both fit.
 */

export type LinkedKey = {
  readonly remoteJid?: string | null;
  /** The opposite addressing of `remoteJid`: its phone or its hidden id. */
  readonly remoteJidAlt?: string | null;
  readonly fromMe?: boolean | null;
  readonly id?: string | null;
  readonly participant?: string | null;
  readonly participantAlt?: string | null;
  readonly addressingMode?: string | null;
};

export type LinkedContent = Readonly<Record<string, unknown>>;

export type LinkedMessage = {
  readonly key: LinkedKey;
  readonly pushName?: string | null;
  /** Seconds; a number, a Long or a string. */
  readonly messageTimestamp?: unknown;
  /** Absent: not decrypted (yet), or a stub. */
  readonly message?: LinkedContent | null;
  readonly messageStubType?: number | null;
  readonly messageStubParameters?: unknown;
  readonly status?: number | null;
  readonly broadcast?: boolean | null;
};

export type LinkedMessageUpdate = { readonly key: LinkedKey; readonly update: Partial<LinkedMessage> };
export type LidMapping = { readonly lid: string; readonly pn: string };

export type ConnectionUpdate = {
  readonly connection?: 'connecting' | 'open' | 'close';
  readonly qr?: string;
  readonly isNewLogin?: boolean;
  readonly receivedPendingNotifications?: boolean;
  readonly isOnline?: boolean;
  readonly lastDisconnect?: { readonly error?: unknown; readonly date?: Date };
  readonly reachoutTimeLock?: {
    readonly isActive?: boolean;
    readonly timeEnforcementEnds?: Date;
    readonly enforcementType?: string;
  };
};

export type MessageCapping = {
  readonly total_quota?: number;
  readonly used_quota?: number;
  readonly cycle_end_timestamp?: string;
  readonly capping_status?: string;
};

/** One batch of `ev.process`: only what happened is there. */
export type LinkedEventMap = {
  'connection.update': ConnectionUpdate;
  /** A part of the creds; `auth.creds` is whole when it arrives. */
  'creds.update': object;
  'messages.upsert': {
    readonly messages: readonly LinkedMessage[];
    readonly type: 'notify' | 'append';
    readonly requestId?: string;
  };
  'messages.update': readonly LinkedMessageUpdate[];
  'message-receipt.update': readonly { readonly key: LinkedKey; readonly receipt: object }[];
  'messaging-history.set': {
    readonly messages: readonly LinkedMessage[];
    readonly contacts?: readonly LinkedPerson[];
    readonly lidPnMappings?: readonly LidMapping[];
  };
  'lid-mapping.update': LidMapping;
  'contacts.upsert': readonly LinkedPerson[];
  'contacts.update': readonly LinkedPerson[];
  'message-capping.update': MessageCapping;
};
export type LinkedEventBatch = Partial<LinkedEventMap>;

export type LinkedPerson = {
  readonly id?: string;
  readonly lid?: string;
  readonly phoneNumber?: string;
};

export type LinkedEventSource = {
  on<E extends keyof LinkedEventMap>(event: E, listener: (data: LinkedEventMap[E]) => void): unknown;
  off<E extends keyof LinkedEventMap>(event: E, listener: (data: LinkedEventMap[E]) => void): unknown;
  /** Each batch once; @returns a function that ends it */
  process(handler: (batch: LinkedEventBatch) => void | Promise<void>): () => void;
};

export type LinkedSocket = {
  readonly ev: LinkedEventSource;
  readonly user?: { readonly id: string; readonly lid?: string; readonly name?: string };
  sendMessage(
    jid: string,
    content: object,
    options?: { messageId?: string; quoted?: LinkedMessage },
  ): Promise<LinkedMessage | undefined>;
  /** Sends again what was sent before, encrypted anew for the devices of today. */
  relayMessage(
    jid: string,
    message: LinkedContent,
    options: { messageId: string; useUserDevicesCache?: boolean },
  ): Promise<string>;
  readMessages(keys: LinkedKey[]): Promise<void>;
  sendPresenceUpdate(type: 'available' | 'unavailable' | 'composing' | 'paused', jid?: string): Promise<void>;
  requestPairingCode(phoneNumber: string): Promise<string>;
  /** Unlinks the device on the server. */
  logout(): Promise<void>;
  /** Closes; the device stays linked. */
  end(error?: Error): void | Promise<void>;
  /** Numbers that are not on WhatsApp are absent. */
  onWhatsApp(...numbers: string[]): Promise<readonly { readonly jid: string; readonly exists: unknown }[] | undefined>;
  /** Asks the phone for a message that could not be decrypted. */
  requestPlaceholderResend(key: LinkedKey): Promise<string | undefined>;
  /** Asks the phone to upload a file again. */
  updateMediaMessage(message: LinkedMessage): Promise<LinkedMessage>;
};

/** `keys` as Baileys wants them; `creds` is its object, which it changes in place. */
export type LinkedAuth = {
  readonly creds: LinkedCreds;
  readonly keys: {
    get(type: string, ids: string[]): Promise<Record<string, unknown>>;
    set(data: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void>;
  };
};
export type LinkedCreds = { readonly registered?: boolean; readonly me?: { readonly id: string } } & object;

export type SocketConfig = {
  readonly auth: LinkedAuth;
  /** What we sent, for a receiver that could not decrypt it. */
  readonly getMessage: (key: LinkedKey) => Promise<LinkedContent | undefined>;
  /** Another server than WhatsApp's, for tests. */
  readonly webSocketUrl?: string;
};

/** Makes sockets; injected, so that tests and a build without the package have another one. */
export abstract class SocketFactory {
  abstract isInstalled(): Promise<boolean>;
  /** @throws BaileysNotInstalledError */
  abstract open(config: SocketConfig): Promise<LinkedSocket>;
  /** @throws BaileysNotInstalledError */
  abstract codec(): Promise<AuthCodec>;
  /** Opens a file of a message; by an open socket the phone is asked to upload it again when it has expired. */
  abstract download(message: LinkedMessage, socket: LinkedSocket | null): Promise<Readable>;
}

/** What of the auth state only the package knows how to make. */
export type AuthCodec = {
  newCreds(): LinkedCreds;
  toAppStateSyncKey(value: unknown): unknown;
  /** A message from its JSON, with its bytes as bytes again. */
  toMessage(value: unknown): LinkedContent;
};

/** A linked device that is open in this process, under the lease with this fence. */
export type OpenSession = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly connectionId: string;
  /** Grows by one whenever another process takes the session over. */
  readonly fence: number;
  readonly socket: LinkedSocket;
};

/** Closes a socket the way Baileys reads it: `output.statusCode` is the close code. */
export class SocketEndError extends Error {
  override readonly name = 'SocketEndError';
  readonly output: { readonly statusCode: number };

  constructor(message: string, statusCode: number) {
    super(message);
    this.output = { statusCode };
  }
}
