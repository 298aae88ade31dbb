import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { BaileysNotInstalledError } from './baileys.errors.js';
import {
  SocketFactory,
  type AuthCodec,
  type LinkedContent,
  type LinkedCreds,
  type LinkedMessage,
  type LinkedSocket,
  type SocketConfig,
} from './linked-socket.js';

/** Not a literal where it is imported: the build and the type checker must do without the package. */
const PACKAGE: string = '@whiskeysockets/baileys';

/** How often a receiver was answered that asks for a message again; outlives the sockets, so that none asks for ever. */
const RETRY_COUNTERS = 10_000;

/** What of the package is used, in our own types. */
type BaileysPackage = {
  readonly makeWASocket: (config: object) => LinkedSocket;
  readonly initAuthCreds: () => LinkedCreds;
  readonly proto: {
    Message: {
      fromObject(value: unknown): LinkedContent;
      AppStateSyncKeyData: { fromObject(value: unknown): unknown };
    };
  };
  readonly downloadMediaMessage: (
    message: LinkedMessage,
    as: 'stream',
    options: object,
    context: object | undefined,
  ) => Promise<Readable>;
};

/**
 * The one file that touches Baileys, and only when a device is to be linked: the package is optional, large, and brings
 * a library under the GPL.
 */
@Injectable()
export class BaileysSocketFactory extends SocketFactory {
  private loading: Promise<BaileysPackage | null> | undefined;
  private readonly retryCounters = cacheOf(RETRY_COUNTERS);

  async isInstalled(): Promise<boolean> {
    return (await this.find()) !== null;
  }

  async open({ auth, getMessage, webSocketUrl }: SocketConfig): Promise<LinkedSocket> {
    const { makeWASocket } = await this.load();
    return makeWASocket({
      auth,
      getMessage,
      logger: silent,
      // Online, the phone would no longer ring for a message.
      markOnlineOnConnect: false,
      syncFullHistory: false,
      shouldIgnoreJid: isNobody,
      msgRetryCounterCache: this.retryCounters,
      ...(webSocketUrl !== undefined && { waWebSocketUrl: webSocketUrl }),
    });
  }

  async codec(): Promise<AuthCodec> {
    const { initAuthCreds, proto } = await this.load();
    return {
      newCreds: () => initAuthCreds(),
      toMessage: (value) => proto.Message.fromObject(value),
      toAppStateSyncKey: (value) => proto.Message.AppStateSyncKeyData.fromObject(value),
    };
  }

  async download(message: LinkedMessage, socket: LinkedSocket | null): Promise<Readable> {
    const { downloadMediaMessage } = await this.load();
    const context = socket && {
      logger: silent,
      reuploadRequest: (expired: LinkedMessage) => socket.updateMediaMessage(expired),
    };
    return downloadMediaMessage(message, 'stream', {}, context ?? undefined);
  }

  private async load(): Promise<BaileysPackage> {
    const baileys = await this.find();
    if (!baileys) throw new BaileysNotInstalledError();
    return baileys;
  }

  private find(): Promise<BaileysPackage | null> {
    this.loading ??= importPackage(PACKAGE);
    return this.loading;
  }
}

/** Null when it is not there; a package that is there and broken throws. */
async function importPackage(name: string): Promise<BaileysPackage | null> {
  try {
    return (await import(name)) as BaileysPackage;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    // A package it depends on may be missing too, and that is no choice of whoever runs this.
    if (isMissing && error.message.includes(name)) return null;
    throw error;
  }
}

/** As Baileys asks for one. */
export function cacheOf(maxEntries: number) {
  const kept = new LRUCache<string, object | number>({ max: maxEntries });
  return {
    get: (key: string) => kept.get(key),
    set: (key: string, value: object | number) => kept.set(key, value),
    del: (key: string) => kept.delete(key),
    flushAll: () => kept.clear(),
  };
}

/** Status posts, broadcasts and channels; they are not even decrypted. */
function isNobody(jid: string): boolean {
  return jid.endsWith('@broadcast') || jid.endsWith('@newsletter');
}

/** Baileys logs keys and words of customers below `warn`, and what it warns of reaches us as an event. */
const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
