import type { LinkedSocket } from '../../providers/baileys/linked-socket.js';
import { within } from './within.js';

/** A socket that does not say that it closed is forgotten after so long. */
const END_MS = 2000;

/** Closes; the device stays linked. Also for a socket that is closed already. */
export async function endSocket(socket: LinkedSocket, error?: Error): Promise<void> {
  await within(END_MS, Promise.resolve(socket.end(error))).catch(() => undefined);
}

/** The linked phone's number, E.164; null before it is known. */
export function phoneOf({ user }: LinkedSocket): string | null {
  const digits = /^(\d+)(?::\d+)?@s\.whatsapp\.net$/.exec(user?.id ?? '')?.[1];
  return digits ? `+${digits}` : null;
}
