import type { IncomingMessage, RequestListener, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server } from 'socket.io';
import { LIVE_PATH } from './live-sockets.js';

/** Holds the first requests for live events until socket.io is loaded and serves the port too. */
export function openOnFirstVisit(http: HttpServer, open: () => Promise<Server>): void {
  const others = http.listeners('request') as RequestListener[];
  const attach = async () => {
    const io = await open();
    if (!http.listeners('upgrade').includes(onUpgrade)) return;
    http.off('upgrade', onUpgrade);
    // From here on socket.io takes its requests and leaves the others to the listeners that were there before.
    io.attach(http);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    attach().then(
      () => http.emit('upgrade', request, socket, head),
      () => socket.destroy(),
    );
  };
  http.removeAllListeners('request');
  http.on('request', (request, reply) => {
    if (!isLive(request)) return others.forEach((listener) => listener.call(http, request, reply));
    attach().then(
      () => http.emit('request', request, reply),
      () => reply.writeHead(503).end(),
    );
  });
  http.on('upgrade', onUpgrade);
}

/** As socket.io sees it: what it would not take comes back to us. */
function isLive({ url }: IncomingMessage): boolean {
  return url?.startsWith(`${LIVE_PATH}/`) ?? false;
}
