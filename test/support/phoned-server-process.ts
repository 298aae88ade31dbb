import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { LinkedMessage, SocketConfig } from '../../src/providers/baileys/linked-socket.js';
import { BaileysDouble, type SocketDouble } from './baileys-double.js';
import { serveWithSockets } from './serve-with-sockets.js';

/** Devices receive what the phone on PHONE_PORT says, one message a line, in JSON. */
class PhonedWhatsApp extends BaileysDouble {
  override onOpen = (socket: SocketDouble) => void socket.open();

  override async open(config: SocketConfig): Promise<SocketDouble> {
    const socket = await super.open(config);
    const wire = connect({ port: Number(process.env['PHONE_PORT']), host: '127.0.0.1' });
    wire.on('error', () => undefined);
    createInterface({ input: wire }).on('line', (line) => {
      void socket.deliver(JSON.parse(line) as LinkedMessage);
    });
    return socket;
  }
}

await serveWithSockets(new PhonedWhatsApp());
