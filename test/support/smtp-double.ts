import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type SmtpDouble = {
  readonly url: string;
  /** Whole messages, headers and all. */
  readonly mails: readonly string[];
  /** From now on every recipient is refused. */
  refuse(): void;
  close(): Promise<void>;
};

/** As much of a mail server as handing over a mail takes. */
export async function startSmtpDouble(): Promise<SmtpDouble> {
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  let isRefusing = false;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.write('220 double\r\n');
    let buffer = '';
    let isData = false;
    socket.on('data', (chunk) => {
      buffer += chunk.toString();
      while (buffer.includes(isData ? '\r\n.\r\n' : '\r\n')) {
        const end = isData ? '\r\n.\r\n' : '\r\n';
        const part = buffer.slice(0, buffer.indexOf(end));
        buffer = buffer.slice(part.length + end.length);
        if (isData) mails.push(part);
        socket.write(isData ? '250 taken\r\n' : answerTo(part, isRefusing));
        isData = !isData && /^DATA/i.test(part);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    refuse: () => (isRefusing = true),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerTo(line: string, isRefusing: boolean): string {
  if (/^DATA/i.test(line)) return '354 go on\r\n';
  if (/^RCPT/i.test(line) && isRefusing) return '550 nobody here\r\n';
  return /^QUIT/i.test(line) ? '221 bye\r\n' : '250 fine\r\n';
}
