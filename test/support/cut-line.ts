import { connect, createServer, type Server, type Socket } from 'node:net';

export type CutLine = {
  /** The database's URL by way of the line. */
  readonly url: string;
  /** Every connection breaks and new ones are refused, as if the server had died. */
  cut(): Promise<void>;
  /** Every connection breaks and new ones are told that the server is out of memory (SQLSTATE 53200). */
  exhaust(): Promise<void>;
  mend(): Promise<void>;
};

/** A line to Postgres that a test can cut. */
export async function openCutLine(databaseUrl: string): Promise<CutLine> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const listen = (isExhausted = false) =>
    new Promise<void>((resolve) => {
      server = createServer((near) => {
        if (isExhausted) return refuse(near);
        const far = connect(Number(target.port), target.hostname);
        for (const [one, other] of [
          [near, far],
          [far, near],
        ] as const) {
          sockets.add(one);
          one.pipe(other);
          one.on('error', () => other.destroy());
          one.on('close', () => {
            sockets.delete(one);
            other.destroy();
          });
        }
      });
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        if (typeof address === 'object' && address) port = address.port;
        resolve();
      });
    });
  await listen();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    cut,
    exhaust: async () => {
      await cut();
      await listen(true);
    },
    mend: async () => {
      if (server.listening) await cut();
      await listen();
    },
  };
}

/** An ErrorResponse to the start-up message (PostgreSQL manual, 54.7 Message Formats). */
function refuse(socket: Socket): void {
  const fields = Buffer.from('SFATAL\0VFATAL\0C53200\0Mout of memory\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(Buffer.concat([head, fields])));
}
