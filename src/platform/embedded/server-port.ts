import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

const ANY = 0;

/** The preferred port of 127.0.0.1 when it is free, else any that is. */
export async function choosePort(preferred = ANY): Promise<number> {
  const server = createServer().listen(preferred, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || preferred === ANY) throw error;
    return choosePort(ANY);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
