import type { ServerResponse } from 'node:http';

/** One way for the next request to go wrong. `accepts`: the message was taken all the same, and statuses follow. */
export type GraphFault =
  | { readonly kind: 'error'; readonly code: number; readonly status?: number; readonly retryAfter?: string }
  /** An answer that is not Graph's: a proxy's page. */
  | { readonly kind: 'html'; readonly status: number; readonly retryAfter?: string }
  /** Never answers; the connection stays open. */
  | { readonly kind: 'hang'; readonly accepts: boolean }
  /** Closes the connection without an answer. */
  | { readonly kind: 'drop'; readonly accepts: boolean }
  /** Resets the connection in the middle of the answer. */
  | { readonly kind: 'cut'; readonly accepts: boolean }
  /** 200 whose body has no message id, or is not JSON. */
  | { readonly kind: 'noId' | 'garbage' }
  /** Taken at once, and answered as it should be so much later. */
  | { readonly kind: 'slow'; readonly ms: number };

/** HTTP status by code, as far as partners tell (reference 2.6). */
const STATUS_BY_CODE: Readonly<Record<number, number>> = {
  0: 401,
  2: 503,
  10: 403,
  190: 401,
  368: 403,
  130429: 429,
  131000: 500,
  131005: 403,
  131016: 500,
  131056: 403,
  131057: 500,
  132001: 404,
  133004: 503,
};

export function acceptsMessage(fault: GraphFault | null): boolean {
  if (!fault) return true;
  if ('accepts' in fault) return fault.accepts;
  return fault.kind === 'noId' || fault.kind === 'garbage' || fault.kind === 'slow';
}

export function answerError(response: ServerResponse, code: number, details: string, options: ErrorOptions = {}): void {
  const body = {
    error: {
      message: `(#${code}) ${details}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      fbtrace_id: 'AdoubleAdoubleAdouble',
    },
  };
  answerJson(response, options.status ?? STATUS_BY_CODE[code] ?? 400, body, options.retryAfter);
}
type ErrorOptions = { readonly status?: number; readonly retryAfter?: string };

export function answerJson(response: ServerResponse, status: number, body: unknown, retryAfter?: string): void {
  const payload = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(payload),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  });
  response.end(payload);
}

export function answerFault(response: ServerResponse, fault: Exclude<GraphFault, { kind: 'slow' }>): void {
  switch (fault.kind) {
    case 'error':
      return answerError(response, fault.code, 'told to fail', fault);
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
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"messaging_product":"whatsapp","messages":[{"id":"wamid.', () =>
        response.socket?.resetAndDestroy(),
      );
      return;
    case 'noId':
      return answerJson(response, 200, { messaging_product: 'whatsapp', contacts: [], messages: [] });
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"messages":[{"id":');
  }
}

export type GraphLimits = {
  /** Messages per second and number; more earn 130429. */
  readonly perSecond?: number;
  /** `burst` at once to one recipient, then one per `refillMs`; more earn 131056. */
  readonly pair?: { readonly burst: number; readonly refillMs: number };
};

/** Token buckets per number and per pair. */
export class RateLimits {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(private readonly limits: GraphLimits) {}

  /** The code the message earns; null when it may pass. */
  check(phoneNumberId: string, to: string): 130429 | 131056 | null {
    const { perSecond, pair } = this.limits;
    if (perSecond && !this.take(phoneNumberId, perSecond, 1000 / perSecond)) return 130429;
    if (pair && !this.take(`${phoneNumberId} ${to}`, pair.burst, pair.refillMs)) return 131056;
    return null;
  }

  private take(key: string, burst: number, refillMs: number): boolean {
    const now = performance.now();
    const bucket = this.buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
    this.buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}

/** A number in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Fixed, or anything between two, in milliseconds. */
export type Span = number | readonly [fromMs: number, toMs: number];

export function pick(span: Span, random: () => number): number {
  return typeof span === 'number' ? span : Math.round(span[0] + random() * (span[1] - span[0]));
}
