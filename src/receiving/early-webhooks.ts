import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import type { Env } from '../platform/config/env.js';
import type { SecretBox } from '../platform/crypto/secret-box.js';
import { isStorageUnavailable } from '../platform/database/connection-errors.js';
import { AppError } from '../platform/errors/app-error.js';
import { toProblem } from '../platform/http/problem.filter.js';
import { explainListen } from '../platform/http/explain-listen.js';
import type { Segment } from '../platform/spool/segment.js';
import { Spool } from '../platform/spool/spool.js';

const WEBHOOK = /^\/webhooks\/(?:official|twilio\/[^/?]+|evolution\/[^/?]+(?:\/[^/?]+)?)(?:\?|$)/;
/** Meta's largest webhook. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** Nobody is proved yet: whoever else posts must not fill the disk. */
const SPOOL_LIMIT_BYTES = 64 * 1024 * 1024;
const RETRY_AFTER_S = 5;
const RETRY_MS = 500;
const GOODBYE_MS = 2000;
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

export type EarlyRequest = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly payload: Buffer };
/** `taken` also when it was refused for good; `failed` when a person has to look. */
export type EarlyOutcome = 'taken' | 'later' | 'failed';
export type SendEarly = (request: EarlyRequest) => Promise<EarlyOutcome>;
/** Sealed as a whole, because a header may hold a connection's secret (INV-11). */
type Kept = { readonly keyId: string; readonly sealed: string };

/**
 * The port of a process that starts while Postgres is away: providers' webhooks are kept on the disk as they came, to
 * be proved and stored once the app is there, before its own port opens; everything else is answered 503.
 */
export class EarlyWebhooks {
  private readonly logger = new Logger(EarlyWebhooks.name);
  private readonly spool: Spool<Kept>;
  private readonly server = createServer(
    { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 },
    (request, reply) => void this.answer(request, reply).catch(() => request.destroy()),
  );

  constructor(
    private readonly env: Pick<Env, 'role' | 'host' | 'port' | 'dataDir'>,
    private readonly box: SecretBox,
  ) {
    this.spool = new Spool(env.dataDir, 'spool-early', (kept) => kept);
  }

  /** Takes over what a start that did not come to its end has kept. */
  adopt(): Promise<void> {
    return this.spool.adopt();
  }

  async listen(): Promise<void> {
    await explainListen(this.env, async () => {
      this.server.listen(this.env.port, this.env.host);
      await once(this.server, 'listening');
    });
  }

  async close(): Promise<void> {
    if (this.server.listening) {
      const closed = once(this.server, 'close');
      this.server.close();
      this.server.closeIdleConnections();
      setTimeout(() => this.server.closeAllConnections(), GOODBYE_MS).unref();
      await closed;
    }
    await this.spool.close();
  }

  /**
   * In the order they came. What is refused now, such as by its signature, was never a provider's.
   *
   * @param send hands it to the app
   * @throws the signal's reason; what is left is kept for the next start
   */
  async replay(send: SendEarly, signal: AbortSignal): Promise<void> {
    for (let segment = await this.spool.oldest(); segment; segment = await this.spool.oldest()) {
      const isWhole = await this.replaySegment(segment, send, signal);
      await (isWhole ? segment.remove() : segment.setAside());
      this.spool.forget(segment);
    }
  }

  private async replaySegment(segment: Segment<Kept>, send: SendEarly, signal: AbortSignal): Promise<boolean> {
    const { events, unreadable } = await segment.read();
    let failed = unreadable;
    for (const kept of events) {
      const request = this.open(kept);
      if (request === null || (await sendUntilTaken(request, send, signal)) === 'failed') failed += 1;
    }
    if (failed > 0)
      this.logger.error(`${failed} webhooks of before the start could not be taken and stay in their file`);
    return failed === 0;
  }

  private open({ keyId, sealed }: Kept): EarlyRequest | null {
    try {
      const { url, headers, payload } = JSON.parse(this.box.open(keyId, Buffer.from(sealed, 'base64'))) as {
        url: string;
        headers: IncomingHttpHeaders;
        payload: string;
      };
      return { url, headers, payload: Buffer.from(payload, 'base64') };
    } catch {
      return null;
    }
  }

  private async answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    if (method === 'GET' && url === '/health/live') return answerJson(reply, 200, { status: 'up' });
    if (method === 'GET' && url === '/health/ready') {
      const checks = [{ name: 'postgres', status: 'down', detail: 'the start waits for Postgres' }];
      return answerJson(reply, 503, { status: 'down', checks });
    }
    const isTaken = this.env.role === 'all' || this.env.role === 'adapter';
    if (!isTaken || method !== 'POST' || !WEBHOOK.test(url) || this.spool.sizeBytes > SPOOL_LIMIT_BYTES)
      return refuse(reply, 'database_unavailable');
    if (Number(request.headers['content-length'] ?? Number.NaN) > BODY_LIMIT_BYTES)
      return refuse(reply, 'payload_too_large');
    try {
      await this.keep(request, url);
    } catch (error) {
      if (!isStorageUnavailable(error)) throw error;
      return refuse(reply, 'storage_unavailable');
    }
    if (!url.startsWith('/webhooks/twilio/')) return answerJson(reply, 200, { received: true });
    reply.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(EMPTY_TWIML);
  }

  /** Resolves when it is on the disk (INV-1). */
  private async keep(request: IncomingMessage, url: string): Promise<void> {
    const payload = (await buffer(upTo(request, BODY_LIMIT_BYTES))).toString('base64');
    const { keyId, sealed } = this.box.seal(JSON.stringify({ url, headers: request.headers, payload }));
    await this.spool.append([{ keyId, sealed: sealed.toString('base64') }]);
  }
}

async function sendUntilTaken(request: EarlyRequest, send: SendEarly, signal: AbortSignal): Promise<EarlyOutcome> {
  for (;;) {
    const outcome = await send(request);
    if (outcome !== 'later') return outcome;
    await delay(RETRY_MS, undefined, { signal });
  }
}

async function* upTo(body: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw new Error('The body is too large');
    yield chunk;
  }
}

const REFUSALS = {
  database_unavailable: new AppError('database_unavailable', 503, 'The database cannot be reached; ask again shortly'),
  storage_unavailable: new AppError('storage_unavailable', 503, 'The store is full or read-only; ask again later'),
  payload_too_large: new AppError('payload_too_large', 413, 'Request body is too large'),
};

function refuse(reply: ServerResponse, code: keyof typeof REFUSALS): void {
  const problem = toProblem(REFUSALS[code], crypto.randomUUID());
  if (problem.status === 503) reply.setHeader('retry-after', RETRY_AFTER_S);
  reply.setHeader('connection', 'close');
  answerJson(reply, problem.status, problem, 'application/problem+json');
}

function answerJson(reply: ServerResponse, status: number, body: object, type = 'application/json'): void {
  reply.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
