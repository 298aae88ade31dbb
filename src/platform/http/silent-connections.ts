import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** An upload that goes well may take so long to end. */
const UNFINISHED_GRACE_MS = 5000;

/**
 * Ends at the close the connections that have never asked anything, as browsers open them in advance, and after a few
 * seconds those that have not finished asking. Node counts them as busy, not as idle, and a close would wait in vain.
 */
export function endSilentConnections(fastify: FastifyInstance): void {
  const silent = new Set<Socket>();
  const asking = new Map<Socket, IncomingMessage>();
  let isClosing = false;
  const spoke = (request: IncomingMessage) => {
    silent.delete(request.socket);
    asking.set(request.socket, request);
  };
  fastify.server
    .on('connection', (socket: Socket) => {
      if (isClosing) socket.destroy();
      else silent.add(socket);
      socket.once('close', () => {
        silent.delete(socket);
        asking.delete(socket);
      });
    })
    .on('request', spoke)
    .on('upgrade', spoke);
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of silent) socket.destroy();
    setTimeout(() => {
      for (const [socket, { complete }] of asking) if (!complete) socket.destroy();
    }, UNFINISHED_GRACE_MS).unref();
    done();
  });
}
