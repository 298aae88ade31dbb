import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { SocketEndError, type ConnectionUpdate, type LinkedAuth, type LinkedSocket } from './linked-socket.js';
import { BaileysSocketFactory } from './baileys-socket-factory.js';
import { fromStored, toStored } from './binary-json.js';

const factory = new BaileysSocketFactory();
const isInstalled = await factory.isInstalled();
if (!isInstalled) console.warn('SKIPPED: @whiskeysockets/baileys is not installed, so its real sockets are not tried');
const real = it.skipIf(!isInstalled);

const servers: Server[] = [];
const connections: Socket[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** WhatsApp's server up to the upgrade; what follows is encrypted and nobody's but its own. */
async function startServer(onUpgrade: (connection: Socket, accept: () => void) => void): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket: Socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    const key = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    );
    onUpgrade(socket, () =>
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`,
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`;
}

async function connect(webSocketUrl: string): Promise<LinkedSocket> {
  const codec = await factory.codec();
  const stored = new Map<string, unknown>();
  const auth: LinkedAuth = {
    creds: codec.newCreds(),
    keys: {
      get: async (type, ids) =>
        Object.fromEntries(
          ids.flatMap((id) => (stored.has(`${type} ${id}`) ? [[id, stored.get(`${type} ${id}`)]] : [])),
        ),
      set: async (data) => {
        for (const [type, values] of Object.entries(data))
          for (const [id, value] of Object.entries(values)) stored.set(`${type} ${id}`, value);
      },
    },
  };
  return factory.open({ auth, getMessage: async () => undefined, webSocketUrl });
}

function closeOf(socket: LinkedSocket): Promise<ConnectionUpdate> {
  return new Promise((resolve) => {
    socket.ev.process((batch) => {
      const update = batch['connection.update'];
      if (update?.connection === 'close') resolve(update);
    });
  });
}

function codeOf({ lastDisconnect }: ConnectionUpdate): unknown {
  return (lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode;
}

real('says 428 when the server drops an open socket', async () => {
  const url = await startServer((connection, accept) => {
    accept();
    // Its first frame tells that the client counts itself connected.
    connection.once('data', () => connection.end());
  });
  const update = await closeOf(await connect(url));
  expect(codeOf(update)).toBe(428);
});

real('never says that a refused upgrade failed, until whoever watches ends it', async () => {
  let refused = 0;
  const url = await startServer((connection) => {
    refused += 1;
    connection.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const socket = await connect(url);
  const closed = closeOf(socket);
  await expect.poll(() => refused, { timeout: 20_000 }).toBe(1);
  void socket.end(new SocketEndError('connect watchdog', 408));
  expect(codeOf(await closed)).toBe(408);
});

real('closes with 408 where nobody listens', async () => {
  const url = await startServer(() => undefined);
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  expect(codeOf(await closeOf(await connect(url)))).toBe(408);
});

real('makes creds that are not linked, and app state keys with their methods', async () => {
  const codec = await factory.codec();
  expect(codec.newCreds().registered).toBe(false);
  const key = codec.toAppStateSyncKey({ keyData: 'AQI=' }) as { keyData: Uint8Array; toJSON?: unknown };
  expect([[...key.keyData], typeof key.toJSON]).toEqual([[1, 2], 'function']);
});

real('makes messages from what was stored of them, with their bytes', async () => {
  const { toMessage } = await factory.codec();
  const sent = toMessage({ imageMessage: { mediaKey: 'AQI=', mimetype: 'image/png', fileLength: '12345678901' } });
  const back = toMessage(fromStored(toStored(sent)));
  expect(back).toEqual(sent);
  const { imageMessage } = back as { imageMessage: { mediaKey: Uint8Array } };
  expect([...imageMessage.mediaKey]).toEqual([1, 2]);
});
