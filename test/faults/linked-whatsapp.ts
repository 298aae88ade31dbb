import { setTimeout as delay } from 'node:timers/promises';
import type { LinkedMessage, SocketConfig } from '../../src/providers/baileys/linked-socket.js';
import { BaileysDouble, BoomDouble, type SocketDouble } from '../support/baileys-double.js';
import { SLOW_MS } from './http-mishaps.js';
import type { Mishap } from './plan.js';
import type { Script } from './script.js';

export type LinkedSent = { readonly text: string; readonly messageId: string; readonly at: number };

/** WhatsApp for linked devices, whose sockets meet what the script says. Every device opens by itself. */
export class ScriptedWhatsApp extends BaileysDouble {
  readonly taken: LinkedSent[] = [];
  /** Told of everything taken. */
  onTaken: (sent: LinkedSent) => void = () => undefined;
  override onOpen = (socket: SocketDouble) => void socket.open();

  constructor(private readonly script: Script) {
    super();
  }

  override async open(config: SocketConfig): Promise<SocketDouble> {
    const socket = await super.open(config);
    const send = socket.sendMessage.bind(socket);
    const lookUp = socket.onWhatsApp.bind(socket);
    socket.sendMessage = (jid, content, options) => {
      const text = 'text' in content ? String(content.text) : '';
      return this.carry(socket, this.script.meet('baileys', text), async () => {
        const message = await send(jid, content, options);
        const sent = { text, messageId: message.key.id ?? '', at: performance.now() };
        this.taken.push(sent);
        this.onTaken(sent);
        return message;
      });
    };
    socket.onWhatsApp = async (...numbers) => {
      if (this.script.meetsLookUp(numbers[0] ?? '')) throw new BoomDouble('rate-overlimit', 429);
      return lookUp(...numbers);
    };
    return socket;
  }

  private async carry(
    socket: SocketDouble,
    mishap: Mishap | null,
    send: () => Promise<LinkedMessage>,
  ): Promise<LinkedMessage> {
    switch (mishap) {
      case 'unreachable':
        throw new BoomDouble('Connection Closed', 428);
      case 'serverError':
      case 'proxyError':
        throw new BoomDouble('All encryptions failed', 500);
      case 'auth':
        await socket.close(401, 'Stream Errored (conflict)');
        throw new BoomDouble('Connection Closed', 401);
      case 'lostBefore':
        await socket.close(408, 'Connection was lost');
        throw new BoomDouble('Timed Out', 408);
      case 'lostAfter':
        await send();
        await socket.close(408, 'Connection was lost');
        throw new BoomDouble('Timed Out', 408);
      case 'hang':
        await send();
        return new Promise(() => undefined);
      case 'slow': {
        const message = await send();
        await delay(SLOW_MS);
        return message;
      }
      default:
        return send();
    }
  }
}
