import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pick, seededRandom, type Span } from './graph-double-faults.js';
import { acceptsMessage, answerError, answerFault, answerJson, type TwilioFault } from './twilio-double-faults.js';
import { TwilioMedia } from './twilio-double-media.js';
import { checkTwilioForm, type TwilioRequest } from './twilio-double-schema.js';
import {
  DOUBLE_ACCOUNT_SID,
  DOUBLE_AUTH_TOKEN,
  newSid,
  statusForm,
  TwilioPoster,
  type PostResult,
  type TwilioForm,
} from './twilio-double-webhook.js';

export type TwilioDoubleOptions = {
  /** Auth tokens by account sid; default one account with `DOUBLE_AUTH_TOKEN`. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Numbers and services it has, such as `whatsapp:+14155238886`; default: whatever is asked for. */
  readonly senders?: readonly string[];
  /** Time to an answer; default 5. */
  readonly latencyMs?: Span;
  /** Twilio's code in a failure; default 63024, of somebody who cannot be reached. */
  readonly failureCode?: string;
  /** Told of each message that gave a callback address, in this order; default none. */
  readonly sequence?: readonly ToldStatus[] | ((request: TwilioRequest) => readonly ToldStatus[]);
  readonly stepMs?: Span;
  /** Asked for every valid request after the faults set by `failNext`. */
  readonly script?: (request: TwilioRequest) => TwilioFault | null;
};

type ToldStatus = 'sent' | 'delivered' | 'read' | 'failed' | 'undelivered';

/** What the double took, in the order it did. */
export type AcceptedMessage = TwilioRequest & {
  readonly accountSid: string;
  readonly sid: string;
  /** From the callback address. */
  readonly outboxId: string | null;
  /** On the clock of `performance.now()`. */
  readonly at: number;
};

/** Twilio's Messages resource as far as sending goes, over a real socket. */
export async function startTwilioDouble(options: TwilioDoubleOptions = {}): Promise<TwilioDouble> {
  const double = new TwilioDouble(options);
  await double.listen();
  return double;
}

export class TwilioDouble {
  readonly accepted: AcceptedMessage[] = [];
  /** Answers to the statuses it told. */
  readonly told: PostResult[] = [];
  /** Requests of every kind, refused ones too. */
  requests = 0;
  /** As Twilio tells it of an account: active, suspended or closed. */
  accountStatus = 'active';
  readonly media = new TwilioMedia();
  private readonly server: Server;
  private readonly poster = new TwilioPoster();
  private readonly random = seededRandom(1);
  private readonly waiting = new Set<() => void>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private faults: TwilioFault[] = [];
  private proxy: { readonly publicUrl: string; readonly url: string } | null = null;

  constructor(private readonly options: TwilioDoubleOptions) {
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.receive(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Outbox ids taken more than once. */
  get duplicates(): readonly string[] {
    const ids = this.accepted.map(({ outboxId }) => outboxId).filter((id) => id !== null);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    await this.media.listen();
  }

  /** The next valid requests meet these, one each; a number is a Twilio error code. */
  failNext(...faults: readonly (TwilioFault | number)[]): void {
    this.faults.push(
      ...faults.map((fault) => (typeof fault === 'number' ? ({ kind: 'error', code: fault } as const) : fault)),
    );
  }

  /** Stands for the proxy in front of us: what is told to an address below the first goes to the second. */
  routeCallbacks(publicUrl: string, url: string): void {
    this.proxy = { publicUrl, url };
  }

  /** Resolves once so many messages were accepted in all; a test's own time-out is its limit. */
  waitForAccepted(count: number): Promise<readonly AcceptedMessage[]> {
    return this.waitUntil(() => this.accepted.length >= count).then(() => this.accepted);
  }

  waitForTold(count: number): Promise<readonly PostResult[]> {
    return this.waitUntil(() => this.told.length >= count).then(() => this.told);
  }

  /** Posts any form once, signed, and tells the answer. */
  post(url: string, form: TwilioForm, authToken?: string, signedUrl?: string): Promise<PostResult> {
    return this.poster.post(url, form, authToken, signedUrl);
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    await this.poster.stop();
    await this.media.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private waitUntil(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!isDone()) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }

  private changed(): void {
    for (const check of this.waiting) check();
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests++;
      const body = Buffer.concat(chunks).toString('utf8');
      setTimeout(() => this.answer(request, response, body), pick(this.options.latencyMs ?? 5, this.random));
    });
    request.on('error', () => {}); // the client went away: nobody is left to answer
  }

  private answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (response.destroyed) return;
    if (this.media.answer(request, response, body, (sid) => this.isKnown(request, sid))) return;
    if (request.method === 'GET' && this.answerAccount(request, response)) return;
    const accountSid = /^\/2010-04-01\/Accounts\/([^/?]+)\/Messages\.json$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || !accountSid) return answerError(response, 20404, 'The resource was not found');
    if (!this.isKnown(request, accountSid)) return answerError(response, 20003, 'Authenticate');
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      return answerError(response, 20001, 'The body is not a form', { status: 415 });
    }
    const checked = checkTwilioForm(new URLSearchParams(body));
    if ('code' in checked) return answerError(response, checked.code, checked.message);
    if (this.options.senders && !this.options.senders.includes(checked.sender)) {
      return answerError(response, 63007, 'Twilio could not find a Channel with the specified From address');
    }
    this.decide(response, accountSid, checked);
  }

  /** What a check of the account asks: the account itself, and its Messaging Service. */
  private answerAccount(request: IncomingMessage, response: ServerResponse): boolean {
    const account = /^\/2010-04-01\/Accounts\/([^/?.]+)\.json$/.exec(request.url ?? '')?.[1];
    const service = /^\/v1\/Services\/([^/?]+)$/.exec(request.url ?? '')?.[1];
    if (!account && !service) return false;
    if (!this.isKnown(request, account)) answerError(response, 20003, 'Authenticate');
    else if (account) answerJson(response, 200, { sid: account, status: this.accountStatus, friendly_name: 'Café' });
    else if (this.options.senders && !this.options.senders.includes(service ?? '')) {
      answerError(response, 20404, 'The resource was not found');
    } else answerJson(response, 200, { sid: service, friendly_name: 'Ventas' });
    return true;
  }

  /** Whether the password is that of this account, or of any when none is named. */
  private isKnown({ headers }: IncomingMessage, wanted?: string): boolean {
    const accounts = this.options.accounts ?? { [DOUBLE_ACCOUNT_SID]: DOUBLE_AUTH_TOKEN };
    return Object.entries(accounts).some(([sid, token]) => {
      const basic = Buffer.from(`${sid}:${token}`).toString('base64');
      return (wanted === undefined || wanted === sid) && headers.authorization === `Basic ${basic}`;
    });
  }

  private decide(response: ServerResponse, accountSid: string, request: TwilioRequest): void {
    const fault = this.faults.shift() ?? this.options.script?.(request) ?? null;
    if (fault && fault.kind !== 'slow' && !acceptsMessage(fault)) return answerFault(response, fault);
    const sid = newSid(request.mediaUrl ? 'MM' : 'SM');
    const outboxId = request.statusCallback && new URL(request.statusCallback).searchParams.get('outbox');
    this.accepted.push({ ...request, accountSid, sid, outboxId, at: performance.now() });
    if (request.statusCallback) void this.tell(accountSid, sid, request, request.statusCallback);
    this.changed();
    if (fault && fault.kind !== 'slow') return answerFault(response, fault);
    const answer = () => answerJson(response, 201, messageView(accountSid, sid, request));
    if (fault) setTimeout(answer, fault.ms);
    else answer();
  }

  /** One after the other, so that the order is the one asked for. */
  private async tell(accountSid: string, sid: string, request: TwilioRequest, url: string): Promise<void> {
    const { sequence = [], stepMs = 5, failureCode = '63024' } = this.options;
    for (const status of typeof sequence === 'function' ? sequence(request) : sequence) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pick(stepMs, this.random));
        this.timers.add(timer);
      });
      const failure: TwilioForm = status === 'failed' || status === 'undelivered' ? { ErrorCode: failureCode } : {};
      const token = this.options.accounts?.[accountSid];
      const form = statusForm(sid, status, { AccountSid: accountSid, ...failure });
      const target = this.proxy ? url.replace(this.proxy.publicUrl, this.proxy.url) : url;
      this.told.push(await this.poster.post(target, form, token, url));
      this.changed();
    }
  }
}

function messageView(accountSid: string, sid: string, { to, sender, body, mediaUrl }: TwilioRequest): object {
  const isService = sender.startsWith('MG');
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${sid}`;
  return {
    sid,
    account_sid: accountSid,
    messaging_service_sid: isService ? sender : null,
    from: isService ? null : sender,
    to,
    body: body ?? '',
    status: isService ? 'accepted' : 'queued',
    direction: 'outbound-api',
    num_media: mediaUrl ? '1' : '0',
    num_segments: '1',
    price: null,
    price_unit: null,
    error_code: null,
    error_message: null,
    date_created: new Date().toUTCString(),
    date_sent: null,
    date_updated: new Date().toUTCString(),
    api_version: '2010-04-01',
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  };
}
