import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** As an integrator reads it. */
  readonly event: { type: string; timestamp: string; subject: string; sequence: number; data: Record<string, unknown> };
};

export type WebhookReceiver = {
  readonly url: string;
  readonly received: Received[];
  /** Answers this to what comes next; `null` never answers. */
  answer: { status: number; headers?: Record<string, string> } | null;
  /** Throws unless one of the signatures is by this secret. */
  verify(secret: string, received: Received): void;
  close(): Promise<void>;
};

/** An integrator's server on a real socket. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const receiver = { answer: { status: 204 } as WebhookReceiver['answer'] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ headers: request.headers, body, event: JSON.parse(body) });
      if (receiver.answer) response.writeHead(receiver.answer.status, receiver.answer.headers).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?shop=1`,
    received,
    verify: (secret: string, { headers, body }: Received) => {
      new Webhook(secret).verify(body, headers as Record<string, string>);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}
