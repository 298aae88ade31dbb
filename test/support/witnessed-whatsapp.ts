import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { SocketConfig } from '../../src/providers/baileys/linked-socket.js';
import { BaileysDouble, SocketDouble } from './baileys-double.js';

const TURN_MS = 5000;

/** What a socket says to the witness, one JSON line each. */
export type Said =
  | { readonly device: string; readonly pid: number; readonly keys: number }
  | { readonly keys: number }
  | { readonly logout: true };

/** WhatsApp behind a real connection: a socket is open for as long as the witness on this port says so. */
export class WitnessedWhatsApp extends BaileysDouble {
  constructor(private readonly port: number) {
    super();
  }

  override async open(config: SocketConfig): Promise<SocketDouble> {
    const socket = new WitnessedSocket(config, this.unknownNumbers);
    setImmediate(() => void socket.dial(this.port).catch(() => socket.close(500)));
    return socket;
  }
}

class WitnessedSocket extends SocketDouble {
  private wire: Socket | null = null;
  private turning: NodeJS.Timeout | undefined;

  /** Uses its keys up before it says anything, as a real device does: a number said twice is a key used twice. */
  async dial(port: number): Promise<void> {
    const device = this.auth.creds.me?.id ?? '';
    const keys = await this.turnKeys();
    if (this.isEnded) return;
    this.wire = connect({ port, host: '127.0.0.1', noDelay: true });
    this.wire.on('error', () => undefined);
    this.wire.once('close', () => void this.close(428));
    this.say({ device, pid: process.pid, keys });
    createInterface({ input: this.wire }).once('line', (answer) => {
      void (answer === 'open' ? this.admitted(device) : this.close(440));
    });
  }

  override async logout(): Promise<void> {
    this.say({ logout: true });
    await super.logout();
  }

  /** Not before the witness has seen it, as the next holder may open at once. */
  override async close(code: number | undefined, message?: string): Promise<void> {
    clearInterval(this.turning);
    const { wire } = this;
    this.wire = null;
    if (wire && !wire.destroyed) {
      const gone = once(wire, 'close');
      wire.end();
      await gone;
    }
    await super.close(code, message);
  }

  private admitted(device: string): Promise<void> {
    this.turning = setInterval(() => void this.turn().catch(() => this.close(500)), TURN_MS);
    return this.open(device);
  }

  private async turn(): Promise<void> {
    this.say({ keys: await this.turnKeys() });
  }

  private async turnKeys(): Promise<number> {
    const { turns } = await this.auth.keys.get('session', ['turns']);
    const next = ((turns as { n?: number } | undefined)?.n ?? 0) + 1;
    await this.auth.keys.set({ session: { turns: { n: next } } });
    return next;
  }

  private say(said: Said): void {
    if (this.wire?.writable) this.wire.write(`${JSON.stringify(said)}\n`);
  }
}
