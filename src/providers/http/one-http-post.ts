import type { Dispatcher } from 'undici';
import { MAX_ANSWER_BYTES } from './bounded-text.js';

/** How far one request got. `notSent` proves that no byte left; after that only an answer tells what happened. */
export type HttpAnswer =
  | { readonly stage: 'notSent'; readonly code: string; readonly reason: string }
  | { readonly stage: 'noAnswer'; readonly reason: string }
  | { readonly stage: 'answered'; readonly status: number; readonly retryAfter: string | null; readonly body: string };

export type HttpPost = {
  /** For a dispatcher that serves several. */
  readonly origin?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * Posts once. Never throws, never repeats; an abort before the request is written means it never is. Of the answer the
 * first 64 KB are kept; a longer one is answered with these, and its connection closed.
 */
export function postOnce(pool: Dispatcher, request: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const { origin, path, headers, body } = request;
    const call = new OneCall(signal, resolve);
    if (call.isSettled) return;
    pool.dispatch({ origin, method: 'POST', path, headers: { ...headers }, body }, call);
  });
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function readRetryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,7}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/**
 * undici's own `request` reports a refused connection and a reset in mid-answer alike, by error codes that overlap
 * (ECONNRESET comes from both). The dispatch handler is told when the request is about to be written, which is the
 * line INV-5 draws, whatever the error is called.
 */
class OneCall implements Dispatcher.DispatchHandler {
  isSettled = false;
  private controller: Dispatcher.DispatchController | null = null;
  private status = 0;
  private retryAfter: string | null = null;
  private readonly chunks: Buffer[] = [];
  private keptBytes = 0;

  constructor(
    private readonly signal: AbortSignal,
    private readonly resolve: (answer: HttpAnswer) => void,
  ) {
    if (signal.aborted) this.onAbort();
    else signal.addEventListener('abort', this.onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isSettled) controller.abort(toError(this.signal.reason));
    else this.controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    const retryAfter = headers['retry-after'];
    this.status = status;
    this.retryAfter = typeof retryAfter === 'string' ? retryAfter : null;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - this.keptBytes));
    this.keptBytes += chunk.length;
    if (this.keptBytes <= MAX_ANSWER_BYTES) return;
    this.onResponseEnd();
    controller.abort(new Error('the answer is longer than anybody reads'));
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.chunks).toString('utf8');
    this.settle({ stage: 'answered', status: this.status, retryAfter: this.retryAfter, body });
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(error);
  }

  private readonly onAbort = (): void => {
    const reason = toError(this.signal.reason);
    if (this.controller) this.controller.abort(reason);
    this.fail(reason);
  };

  private fail(error: Error): void {
    if (this.controller) this.settle({ stage: 'noAnswer', reason: describe(error) });
    else this.settle({ stage: 'notSent', code: codeOf(error), reason: describe(error) });
  }

  private settle(answer: HttpAnswer): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.signal.removeEventListener('abort', this.onAbort);
    this.resolve(answer);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Several addresses tried and refused come as one AggregateError without a code of its own. */
function codeOf(error: Error): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  for (const candidate of [error, inner]) {
    if (candidate instanceof Error && 'code' in candidate && typeof candidate.code === 'string') return candidate.code;
  }
  return error.name;
}

function describe(error: Error): string {
  const text = error.message || (error instanceof AggregateError ? String(error.errors[0]) : error.name);
  return `${codeOf(error)}: ${text}`.slice(0, 300);
}
