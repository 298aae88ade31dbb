import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EvolutionChat } from './evolution-double-chat.js';
import { checkContent, checkSend, isRecord } from './evolution-double-rules.js';
import { EvolutionWebhookPoster, type Delivery, type EvolutionWebhookConfig } from './evolution-double-webhook.js';
import { answerJson } from './graph-double-faults.js';

export type InstanceState = 'open' | 'connecting' | 'close';

/** One way for the next valid send to go wrong. `accepts`: the message went out all the same. */
export type EvolutionFault =
  | { readonly kind: 'error'; readonly status: number; readonly message: unknown }
  /** An answer of a proxy in front. */
  | { readonly kind: 'html'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'hang' | 'drop' | 'cut'; readonly accepts: boolean }
  /** A status of success without a message: what an instance on Meta's API makes of a Graph error. */
  | { readonly kind: 'odd'; readonly body: unknown }
  /** Sent at once, and answered as it should be so much later. */
  | { readonly kind: 'slow'; readonly ms: number };

export type AcceptedSend = {
  readonly id: string;
  readonly instance: string;
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** On the clock of `performance.now()`. */
  readonly at: number;
};

export type EvolutionDoubleOptions = {
  /** Default `global-key`. */
  readonly apiKey?: string;
  /** Default 1. */
  readonly latencyMs?: number;
  /** First wait between attempts of a webhook; default 5. */
  readonly webhookDelayMs?: number;
  /** Asked for every valid send after the faults set by `failNext`. */
  readonly script?: (body: Readonly<Record<string, unknown>>) => EvolutionFault | null;
  /** Told of everything sent, right after. */
  readonly onAccepted?: (sent: AcceptedSend) => void;
};

type Instance = { readonly token: string; state: InstanceState; webhook: EvolutionWebhookConfig | null };

/** An Evolution API v2 server, as far as sending and telling go, over a real socket. */
export async function startEvolutionDouble(options: EvolutionDoubleOptions = {}): Promise<EvolutionDouble> {
  const double = new EvolutionDouble(options);
  await double.listen();
  return double;
}

export class EvolutionDouble {
  readonly accepted: AcceptedSend[] = [];
  /** Numbers WhatsApp does not know, in digits. */
  readonly unknownNumbers = new Set<string>();
  /** Requests of every kind, refused ones too. */
  requests = 0;
  readonly chat = new EvolutionChat();
  isLicensed = true;
  /** Bytes of the file echoed behind every accepted send. */
  echoBytes = 0;
  readonly apiKey: string;
  private readonly instances = new Map<string, Instance>();
  private readonly poster: EvolutionWebhookPoster;
  private readonly server: Server;
  private faults: EvolutionFault[] = [];
  private sequence = 0;

  constructor(private readonly options: EvolutionDoubleOptions) {
    this.apiKey = options.apiKey ?? 'global-key';
    this.poster = new EvolutionWebhookPoster(options.webhookDelayMs ?? 5);
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.receive(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
  }

  /** An instance whose own token is its name with dashes, and `-token`. */
  addInstance(name: string, state: InstanceState = 'open'): void {
    this.instances.set(name, { token: tokenOf(name), state, webhook: null });
  }

  setState(name: string, state: InstanceState): void {
    this.instanceOf(name).state = state;
  }

  setWebhook(name: string, webhook: EvolutionWebhookConfig): void {
    this.instanceOf(name).webhook = webhook;
  }

  /** The next valid sends meet these, one each. */
  failNext(...faults: readonly EvolutionFault[]): void {
    this.faults.push(...faults);
  }

  /** Tells an event to the instance's webhook; resolves when it was taken or given up. */
  emit(instance: string, event: string, data: unknown, now = new Date()): Promise<Delivery> {
    const { webhook } = this.instanceOf(instance);
    return webhook ? this.poster.post(webhook, { event, instance, data }, now) : Promise.resolve([]);
  }

  async stop(): Promise<void> {
    await this.poster.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private instanceOf(name: string): Instance {
    const instance = this.instances.get(name);
    if (!instance) throw new Error(`The double has no instance ${name}`);
    return instance;
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests++;
      const body = parse(Buffer.concat(chunks).toString('utf8'));
      setTimeout(() => this.answer(request, response, body), this.options.latencyMs ?? 1);
    });
    request.on('error', () => {}); // the client went away: nobody is left to answer
  }

  /** Licence, then route, then instance, then key, then schema (provider reference 4.1). */
  private answer(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    if (response.destroyed) return;
    if (!this.isLicensed) {
      const message = 'License required. Open the manager to activate your license.';
      return answerJson(response, 503, { error: 'service not activated', code: 'LICENSE_REQUIRED', message });
    }
    const { method, url = '' } = request;
    const [, group = '', operation = '', encoded = ''] = /^\/(\w+)\/(\w+)(?:\/([^/?]+))?$/.exec(url) ?? [];
    const name = decodeURIComponent(encoded);
    const route = `${method} ${group}/${operation}`;
    if (route === 'POST instance/create') return this.create(request, response, body);
    const isSend = method === 'POST' && group === 'message' && checkSend(operation, {}) !== null;
    const isChat = method === 'POST' && group === 'chat';
    if (!isSend && !isChat && route !== 'GET instance/connectionState' && route !== 'POST webhook/set') {
      return refuse(response, 404, [`Cannot ${method} ${url}`]);
    }
    const instance = this.instances.get(name);
    if (!instance) return refuse(response, 404, [`The "${name}" instance does not exist`]);
    const key = request.headers['apikey'];
    if (key !== this.apiKey && key !== instance.token) return refuse(response, 401, 'Unauthorized');
    if (isChat) {
      if (!this.chat.answer(response, operation, body, refuse)) refuse(response, 404, [`Cannot ${method} ${url}`]);
      return;
    }
    if (isSend) return this.decide(response, name, operation, body);
    if (operation === 'set') return this.takeWebhook(response, instance, body);
    answerJson(response, 200, { instance: { instanceName: name, state: instance.state } });
  }

  private create(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    const name = isRecord(body) ? body['instanceName'] : undefined;
    if (typeof name !== 'string') return refuse(response, 400, ['requires property "instanceName"']);
    if (this.instances.has(name)) return refuse(response, 403, [`This name "${name}" is already in use.`]);
    if (request.headers['apikey'] !== this.apiKey) return refuse(response, 401, 'Unauthorized');
    this.addInstance(name, 'connecting');
    answerJson(response, 201, { instance: { instanceName: name, status: 'connecting' }, hash: tokenOf(name) });
  }

  private takeWebhook(response: ServerResponse, instance: Instance, body: unknown): void {
    const webhook = isRecord(body) && isRecord(body['webhook']) ? body['webhook'] : null;
    if (!webhook) return refuse(response, 400, ['requires property "webhook"']);
    instance.webhook = webhook as unknown as EvolutionWebhookConfig;
    answerJson(response, 201, webhook);
  }

  private decide(response: ServerResponse, instance: string, operation: string, body: unknown): void {
    const problems = checkSend(operation, body) ?? [];
    if (problems.length > 0 || !isRecord(body)) return refuse(response, 400, problems);
    if (operation === 'sendTemplate') {
      return refuse(response, 500, 'Method not available in the Baileys service');
    }
    // The number is looked up over the same socket, before the send has begun.
    if (this.instanceOf(instance).state !== 'open') return refuse(response, 500, 'Connection Closed');
    const number = String(body['number']);
    const digits = number.replace(/@.*$/, '').replaceAll(/\D/g, '');
    const jid = number.includes('@') ? number : `${digits}@s.whatsapp.net`;
    const reaction = operation === 'sendReaction';
    if (!reaction && this.unknownNumbers.has(digits)) return refuse(response, 400, [{ jid, exists: false, number }]);
    const problem = checkContent(operation, body);
    if (problem) return refuse(response, 400, [problem]);
    const fault = this.faults.shift() ?? this.options.script?.(body) ?? null;
    const isLost = fault && fault.kind !== 'slow' && !('accepts' in fault && fault.accepts);
    const id = isLost ? '' : this.accept(instance, operation, body);
    if (fault && fault.kind !== 'slow') return answerFault(response, fault);
    const answer = {
      key: { remoteJid: jid, fromMe: true, id },
      pushName: '',
      status: 'PENDING',
      message: { base64: 'A'.repeat(this.echoBytes) },
      messageTimestamp: Math.floor(Date.now() / 1000),
      instanceId: '2f7a3a52-0000-4000-8000-000000000000',
      source: 'web',
    };
    if (fault) setTimeout(() => answerJson(response, 201, answer), fault.ms);
    else answerJson(response, 201, answer);
  }

  private accept(instance: string, operation: string, body: Readonly<Record<string, unknown>>): string {
    const id = `3EB0${(++this.sequence).toString(16).toUpperCase().padStart(18, '0')}`;
    const sent = { id, instance, operation, body, at: performance.now() };
    this.accepted.push(sent);
    this.options.onAccepted?.(sent);
    return id;
  }
}

function tokenOf(name: string): string {
  return `${name.replaceAll(' ', '-')}-token`;
}

/** Evolution's form of every error. */
function refuse(response: ServerResponse, status: number, message: unknown): void {
  const names: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' };
  answerJson(response, status, { status, error: names[status] ?? 'Internal Server Error', response: { message } });
}

function answerFault(response: ServerResponse, fault: Exclude<EvolutionFault, { kind: 'slow' }>): void {
  switch (fault.kind) {
    case 'error':
      return refuse(response, fault.status, fault.message);
    case 'odd':
      return answerJson(response, 201, fault.body);
    case 'html': {
      const headers = { 'content-type': 'text/html', ...(fault.retryAfter && { 'retry-after': fault.retryAfter }) };
      response.writeHead(fault.status, headers).end(`<html><h1>${fault.status}</h1></html>`);
      return;
    }
    case 'hang':
      return;
    case 'drop':
      response.socket?.destroy();
      return;
    default:
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"key":{"remoteJid":"1@s.whatsapp.net","fromMe":true,"id":"3EB0', () =>
        response.socket?.resetAndDestroy(),
      );
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // refused by the schema
  }
}
