import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends at the close the connections that have never asked anything, as browsers open them in advance. Node counts them
 * as busy, not as idle, and a close would wait for them in vain.
 */
export function endSilentConnections(fastify: FastifyInstance): void {
  const silent = new Set<Socket>();
  let isClosing = false;
  const spoke = ({ socket }: IncomingMessage) => silent.delete(socket);
  fastify.server
    .on('connection', (socket: Socket) => {
      if (isClosing) socket.destroy();
      else silent.add(socket);
      socket.once('close', () => silent.delete(socket));
    })
    .on('request', spoke)
    .on('upgrade', spoke);
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of silent) socket.destroy();
    done();
  });
}
