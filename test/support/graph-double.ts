import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import {
  acceptsMessage,
  answerError,
  answerFault,
  answerJson,
  pick,
  RateLimits,
  seededRandom,
  type GraphFault,
  type GraphLimits,
  type Span,
} from './graph-double-faults.js';
import { GraphMedia } from './graph-double-media.js';
import { checkGraphRequest, type GraphRequestBody } from './graph-double-schema.js';
import { GraphTemplates } from './graph-double-templates.js';
import { StatusEcho, type EchoOptions } from './graph-double-statuses.js';
import { webhookBody, WebhookPoster, type GraphInbound, type PostResult } from './graph-double-webhook.js';

export type GraphDoubleOptions = {
  /** Default: any free port. */
  readonly port?: number;
  /** Bearer tokens it takes; default `test-access-token`. */
  readonly accessTokens?: readonly string[];
  /** Signs the webhooks; default `test-app-secret`. */
  readonly appSecret?: string;
  /** Numbers it has; default: whatever is asked for. */
  readonly phoneNumberIds?: readonly string[];
  /** Time to an answer; default 25. */
  readonly latencyMs?: Span;
  readonly limits?: GraphLimits;
  readonly echo?: EchoOptions;
  /** Shares of the valid requests that meet a fault, by chance. */
  readonly faultRates?: readonly { readonly rate: number; readonly fault: GraphFault }[];
  /** Asked for every valid request after the faults set by `failNext` and before chance. */
  readonly script?: (message: GraphRequestBody, random: () => number) => GraphFault | null;
  readonly seed?: number;
};

/** What the double took, in the order it did. */
export type AcceptedMessage = {
  readonly phoneNumberId: string;
  readonly wamid: string;
  /** `+digits`, or a BSUID. */
  readonly to: string;
  readonly outboxId: string | null;
  readonly body: GraphRequestBody;
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
};

/** Meta's Graph API as far as sending goes, over a real socket. */
export async function startGraphDouble(options: GraphDoubleOptions = {}): Promise<GraphDouble> {
  const double = new GraphDouble(options);
  await double.listen(options.port ?? 0);
  return double;
}

export class GraphDouble {
  readonly accepted: AcceptedMessage[] = [];
  /** Requests of every kind, refused ones too. */
  requests = 0;
  readonly media = new GraphMedia();
  readonly templates = new GraphTemplates();
  /** Inbound messages marked read, in order. */
  readonly reads: { readonly messageId: string; readonly isTyping: boolean }[] = [];
  readonly appSecret: string;
  private readonly server: Server;
  private readonly tokens: ReadonlySet<string>;
  private readonly limits: RateLimits;
  private readonly random: () => number;
  private readonly poster: WebhookPoster;
  private readonly counts = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private sequence = 0;
  private faults: GraphFault[] = [];
  private echo: StatusEcho | null = null;

  constructor(private readonly options: GraphDoubleOptions) {
    this.appSecret = options.appSecret ?? 'test-app-secret';
    this.tokens = new Set(options.accessTokens ?? ['test-access-token']);
    this.limits = new RateLimits(options.limits ?? {});
    this.random = seededRandom(options.seed ?? 1);
    this.poster = new WebhookPoster(this.appSecret);
    if (options.echo) this.echoTo(options.echo);
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.receive(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Outbox ids taken more than once, with how often. */
  get duplicates(): ReadonlyMap<string, number> {
    return new Map([...this.counts].filter(([, count]) => count > 1));
  }

  /** Statuses that are still to be told or taken. */
  get openStatuses(): number {
    return this.echo?.open ?? 0;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }

  /** Starts telling statuses of what is accepted from now on. */
  echoTo(options: EchoOptions): void {
    this.echo?.stop();
    this.echo = new StatusEcho(this.poster, options, this.random);
  }

  /** The next valid requests meet these, one each; a number is a Graph error code. */
  failNext(...faults: readonly (GraphFault | number)[]): void {
    this.faults.push(
      ...faults.map((fault) => (typeof fault === 'number' ? ({ kind: 'error', code: fault } as const) : fault)),
    );
  }

  /** Resolves once so many messages were accepted in all; fails after the time-out, telling how many there are. */
  async waitForAccepted(count: number, timeoutMs = 10_000): Promise<readonly AcceptedMessage[]> {
    if (this.accepted.length >= count) return this.accepted;
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.accepted.length < count) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(this.accepted);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`Only ${this.accepted.length} of ${count} messages were accepted in ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.add(check);
    });
  }

  /** Posts customers' messages, all in one body, until it is taken; `copies` posts the same body that often at once. */
  async emitInbound(callbackUrl: string, messages: readonly GraphInbound[], copies = 1): Promise<void> {
    const body = webhookBody({ messages });
    await Promise.all(Array.from({ length: copies }, () => this.poster.postUntilTaken(callbackUrl, body)));
  }

  /** Posts any body once, signed with `appSecret`, and tells the answer. */
  emitOnce(callbackUrl: string, body: unknown, appSecret = this.appSecret): Promise<PostResult> {
    return this.poster.postOnce(callbackUrl, body, appSecret);
  }

  /** Forgets what was accepted and the faults to come. */
  reset(): void {
    this.accepted.length = 0;
    this.requests = 0;
    this.counts.clear();
    this.faults = [];
  }

  async stop(): Promise<void> {
    this.echo?.stop();
    await this.poster.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests++;
      const body = Buffer.concat(chunks);
      setTimeout(() => this.answer(request, response, body), pick(this.options.latencyMs ?? 25, this.random));
    });
    request.on('error', () => {}); // the client went away: nobody is left to answer
  }

  private answer(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    if (response.destroyed) return;
    if (this.media.isAbout(request)) {
      if (!this.isKnown(request)) return answerError(response, 190, 'Invalid OAuth access token.');
      return this.media.answer(request, response, bytes, this.url);
    }
    if (this.templates.isAbout(request)) {
      if (!this.isKnown(request)) return answerError(response, 190, 'Invalid OAuth access token.');
      return this.templates.answer(request, response, this.url);
    }
    const asked = /^\/v\d+\.\d+\/([^/?]+)\?fields=/.exec(request.url ?? '')?.[1];
    if (request.method === 'GET' && asked) {
      if (!this.isKnown(request)) return answerError(response, 190, 'Invalid OAuth access token.');
      if (!this.has(asked)) return answerError(response, 100, 'Object does not exist');
      const number = { id: asked, display_phone_number: '+52 1 55 1234 5678', verified_name: 'Café Aurora' };
      return answerJson(response, 200, number);
    }
    const body = bytes.toString('utf8');
    const phoneNumberId = /^\/v\d+\.\d+\/([^/?]+)\/messages$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || !phoneNumberId || !this.has(phoneNumberId)) {
      return answerError(response, 100, `Unsupported ${request.method} request.`);
    }
    if (!this.isKnown(request)) return answerError(response, 190, 'Invalid OAuth access token.');
    const read = readSchema.safeParse(parse(body)).data;
    if (read) {
      this.reads.push({ messageId: read.message_id, isTyping: read.typing_indicator !== undefined });
      return answerJson(response, 200, { success: true });
    }
    const checked = checkGraphRequest(parse(body));
    if (!('request' in checked)) return answerError(response, checked.code, checked.details);
    this.decide(response, phoneNumberId, checked.request);
  }

  private decide(response: ServerResponse, phoneNumberId: string, body: GraphRequestBody): void {
    const to = body.to ?? body.recipient ?? '';
    const limit = this.limits.check(phoneNumberId, to);
    if (limit) return answerError(response, limit, 'Rate limit hit');
    const fault = this.faults.shift() ?? this.options.script?.(body, this.random) ?? this.roll();
    const wamid = acceptsMessage(fault) ? this.accept(phoneNumberId, to, body) : '';
    if (fault && fault.kind !== 'slow') return answerFault(response, fault);
    const contact = to.startsWith('+') ? { input: to, wa_id: to.slice(1) } : { input: to, user_id: to };
    const answer = { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: wamid }] };
    if (fault) setTimeout(() => answerJson(response, 200, answer), fault.ms);
    else answerJson(response, 200, answer);
  }

  private roll(): GraphFault | null {
    for (const { rate, fault } of this.options.faultRates ?? []) if (this.random() < rate) return fault;
    return null;
  }

  private accept(phoneNumberId: string, to: string, body: GraphRequestBody): string {
    const wamid = `wamid.D${process.pid}.${Date.now().toString(36)}.${++this.sequence}`;
    const outboxId = body.biz_opaque_callback_data ?? null;
    this.accepted.push({ phoneNumberId, wamid, to, outboxId, body, at: performance.timeOrigin + performance.now() });
    if (outboxId !== null) this.counts.set(outboxId, (this.counts.get(outboxId) ?? 0) + 1);
    this.echo?.follow({ phoneNumberId, wamid, to, outboxId });
    for (const check of this.waiting) check();
    return wamid;
  }

  private isKnown({ headers }: IncomingMessage): boolean {
    return this.tokens.has(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  }

  private has(phoneNumberId: string): boolean {
    return this.options.phoneNumberIds?.includes(phoneNumberId) ?? true;
  }
}

const readSchema = z.object({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().startsWith('wamid.'),
  typing_indicator: z.object({ type: z.literal('text') }).optional(),
});

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // refused by the schema
  }
}
