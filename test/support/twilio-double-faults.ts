import type { ServerResponse } from 'node:http';

/** One way for the next request to go wrong. `accepts`: the message was taken all the same, and statuses follow. */
export type TwilioFault =
  | { readonly kind: 'error'; readonly code: number; readonly status?: number; readonly retryAfter?: string }
  /** An answer that is not Twilio's: a proxy's page. */
  | { readonly kind: 'html'; readonly status: number; readonly accepts?: boolean; readonly retryAfter?: string }
  /** Never answers; the connection stays open. */
  | { readonly kind: 'hang'; readonly accepts: boolean }
  /** Closes the connection without an answer. */
  | { readonly kind: 'drop'; readonly accepts: boolean }
  /** Resets the connection in the middle of the answer. */
  | { readonly kind: 'cut'; readonly accepts: boolean }
  /** 201 whose body has no sid, or is not JSON. */
  | { readonly kind: 'noSid' | 'garbage' }
  /** Taken at once, and answered as it should be so much later. */
  | { readonly kind: 'slow'; readonly ms: number };

const STATUS_BY_CODE: Readonly<Record<number, number>> = {
  20003: 401,
  20404: 404,
  20429: 429,
  20500: 500,
  20503: 503,
};

export function acceptsMessage(fault: TwilioFault | null): boolean {
  if (!fault) return true;
  if (fault.kind === 'noSid' || fault.kind === 'garbage' || fault.kind === 'slow') return true;
  return 'accepts' in fault && fault.accepts === true;
}

/** The error body of the 2010-04-01 API (reference 3.1). */
export function answerError(response: ServerResponse, code: number, message: string, options: ErrorOptions = {}): void {
  const status = options.status ?? STATUS_BY_CODE[code] ?? 400;
  const body = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
  answerJson(response, status, body, options.retryAfter);
}
type ErrorOptions = { readonly status?: number; readonly retryAfter?: string };

export function answerJson(response: ServerResponse, status: number, body: unknown, retryAfter?: string): void {
  const payload = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  });
  response.end(payload);
}

export function answerFault(response: ServerResponse, fault: Exclude<TwilioFault, { kind: 'slow' }>): void {
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
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"sid":"SM', () => response.socket?.resetAndDestroy());
      return;
    case 'noSid':
      return answerJson(response, 201, { status: 'queued' });
    case 'garbage':
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM');
  }
}
