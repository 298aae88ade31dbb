import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TwilioDoubleFile = { readonly mimeType: string; readonly bytes: Buffer };

/** Files at Twilio: addresses that redirect to a storage on another host, and the typing indicator. */
export class TwilioMedia {
  /** By the last part of the address; put here what a customer "sent". */
  readonly files = new Map<string, TwilioDoubleFile>();
  /** Headers of the requests that the storage got. */
  readonly storageHeaders: IncomingMessage['headers'][] = [];
  /** Inbound messages marked read by showing that somebody writes. */
  readonly typing: string[] = [];
  /** Where the next download is redirected instead of the storage. */
  redirectTo: string | null = null;
  private readonly storage: Server = createServer((request, response) => {
    this.storageHeaders.push(request.headers);
    const file = this.files.get((request.url ?? '').slice(1));
    if (file) response.writeHead(200, { 'content-type': file.mimeType }).end(file.bytes);
    else response.writeHead(404).end();
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.storage.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.storage.close(() => resolve()));
    this.storage.closeAllConnections();
    await closed;
  }

  /** @returns whether the request was one of these */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
    isKnown: (sid?: string) => boolean,
  ): boolean {
    const { method, url = '' } = request;
    if (method === 'POST' && url === '/v2/Indicators/Typing.json') {
      const form = new URLSearchParams(body);
      const id = form.get('messageId') ?? '';
      const isRight = form.get('channel') === 'whatsapp' && /^(SM|MM)[0-9a-f]{32}$/.test(id);
      if (isRight && isKnown()) this.typing.push(id);
      response.writeHead(!isKnown() ? 401 : isRight ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ success: isRight }));
      return true;
    }
    const [, sid, id] = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages\/[^/]+\/Media\/([^/]+)$/.exec(url) ?? [];
    if (method !== 'GET' || !id) return false;
    if (!isKnown(sid)) response.writeHead(401).end();
    else if (!this.files.has(id)) response.writeHead(404).end();
    else {
      const storage = `http://127.0.0.1:${(this.storage.address() as AddressInfo).port}/${id}`;
      response.writeHead(307, { location: this.redirectTo ?? storage }).end();
    }
    return true;
  }
}
