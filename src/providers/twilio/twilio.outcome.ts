import type { HttpAnswer } from '../http/one-http-post.js';
import { readRetryAfterMs } from '../http/one-http-post.js';
import type { RejectionClass, SendOutcome } from '../whatsapp-provider.js';
import { findTwilioErrorRule } from './twilio.error-table.js';

type Answered = Extract<HttpAnswer, { stage: 'answered' }>;

/** Twilio took it if it named it. */
export function toAccepted(sid: unknown, answer: HttpAnswer | null): SendOutcome {
  if (typeof sid === 'string' && /^[A-Za-z0-9]{1,64}$/.test(sid))
    return { outcome: 'accepted', providerMessageId: sid };
  const status = answer?.stage === 'answered' ? answer.status : 'no status';
  return { outcome: 'unknown', reason: `HTTP ${status} without a message sid` };
}

/**
 * INV-5 for one failed `messages.create` (reference 3.6): refused is only what never left, what carries a code of the
 * table, or a plain 4xx; everything else is unknown. That goes for a 5xx without a code too, which the reference would
 * repeat: a proxy may answer so after it had passed the message on.
 *
 * @param error what the SDK threw: its `RestException` has the HTTP `status` and, if Twilio itself answered, a `code`
 * @param answer null when the SDK threw before it made a request
 */
export function toFailure(error: unknown, answer: HttpAnswer | null): SendOutcome {
  // The SDK refuses an account it cannot use before it makes a request.
  if (answer === null) return { outcome: 'rejected', class: 'auth', code: 'NOT_SENT', reason: messageOf(error) };
  if (answer.stage === 'noAnswer') return { outcome: 'unknown', reason: answer.reason };
  if (answer.stage === 'answered') return fromAnswer(error, answer);
  // The request could not even be formed, so the same one will never leave.
  const isImpossible = answer.code === 'UND_ERR_INVALID_ARG';
  const { code, reason } = answer;
  return { outcome: 'rejected', class: isImpossible ? 'permanent' : 'retry', code, reason };
}

function fromAnswer(error: unknown, { status, retryAfter }: Answered): SendOutcome {
  if (status >= 200 && status < 300) return { outcome: 'unknown', reason: `HTTP ${status}: ${messageOf(error)}` };
  const code = codeOf(error);
  const rule = code === undefined ? undefined : findTwilioErrorRule(code);
  const reason = code === undefined ? `HTTP ${status} without a Twilio error` : messageOf(error);
  if (rule?.class === 'unknown') return { outcome: 'unknown', reason: `${code}: ${reason}` };
  const asked = readRetryAfterMs(retryAfter);
  if (rule) {
    const retryAfterMs = longest(rule.retryAfterMs, asked);
    return {
      outcome: 'rejected',
      class: rule.class,
      code: String(code),
      reason,
      retryAfterMs,
      maxRepeats: rule.maxRepeats,
    };
  }
  // 408 comes from a proxy that gave up; what it had passed on by then nobody knows.
  if (status >= 500 || status === 408) {
    return { outcome: 'unknown', reason: `HTTP ${status}${code === undefined ? '' : `, unlisted code ${code}`}` };
  }
  return {
    outcome: 'rejected',
    class: classOfStatus(status),
    code: code === undefined ? `HTTP_${status}` : String(code),
    reason,
    retryAfterMs: asked,
  };
}

/** A refusal without a code we know: a proxy's, or a code newer than the table. */
function classOfStatus(status: number): RejectionClass {
  if (status === 429) return 'rate';
  if (status === 401 || status === 403 || status === 407) return 'auth';
  return status < 400 ? 'retry' : 'permanent';
}

function codeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' && Number.isInteger(code) ? code : undefined;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message || 'no reason given').slice(0, 500);
}

function longest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
