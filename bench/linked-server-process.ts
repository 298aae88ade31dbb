import { BaileysSocketFactory } from '../src/providers/baileys/baileys-socket-factory.js';
import type { SocketConfig } from '../src/providers/baileys/linked-socket.js';
import { serveWithSockets } from '../test/support/serve-with-sockets.js';
import { loadBaileys } from './baileys-package.js';

/** The real sockets, but to the server at WHATSAPP_URL, which is certified by WHATSAPP_ROOT. */
class LocalSocketFactory extends BaileysSocketFactory {
  override async open(config: SocketConfig) {
    (await loadBaileys()).WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(process.env['WHATSAPP_ROOT'] ?? '', 'hex');
    return super.open({ ...config, webSocketUrl: process.env['WHATSAPP_URL'] });
  }
}

await serveWithSockets(new LocalSocketFactory());
