import { z } from 'zod';
import { readRetryAfterMs } from '../http/one-http-post.js';
import type { SendOutcome } from '../whatsapp-provider.js';
import { findOfficialErrorRule } from '../meta/meta-errors.js';
import type { GraphAnswer } from './official.http.js';

const acceptedSchema = z.object({ messages: z.array(z.object({ id: z.string().min(1) })).min(1) });

const refusedSchema = z.object({
  error: z.object({
    code: z.number().int(),
    message: z.string().catch(''),
    error_data: z.object({ details: z.string() }).optional().catch(undefined),
  }),
});

/**
 * INV-5 for one answer of `POST /messages` (reference 2.6): refused is only what a code or a 4xx proves to be refused,
 * accepted only what carries an id; everything else is unknown.
 */
export function toSendOutcome(answer: GraphAnswer): SendOutcome {
  if (answer.stage === 'noAnswer') return { outcome: 'unknown', reason: answer.reason };
  if (answer.stage === 'notSent') {
    // The request could not even be formed, so the same one will never leave.
    const isImpossible = answer.code === 'UND_ERR_INVALID_ARG';
    const { code, reason } = answer;
    return { outcome: 'rejected', class: isImpossible ? 'permanent' : 'retry', code, reason };
  }
  return answer.status >= 200 && answer.status < 300 ? fromSuccess(answer) : fromFailure(answer);
}

type Answered = Extract<GraphAnswer, { stage: 'answered' }>;

function fromSuccess(answer: Answered): SendOutcome {
  const providerMessageId = acceptedSchema.safeParse(parseJson(answer.body)).data?.messages[0]?.id;
  if (providerMessageId) return { outcome: 'accepted', providerMessageId };
  return { outcome: 'unknown', reason: `HTTP ${answer.status} without a message id` };
}

function fromFailure(answer: Answered): SendOutcome {
  const error = refusedSchema.safeParse(parseJson(answer.body)).data?.error;
  const rule = error && findOfficialErrorRule(error.code);
  if (error && rule) {
    const retryAfterMs = longest(rule.retryAfterMs, readRetryAfterMs(answer.retryAfter));
    const { class: rejection, waitGrowth, maxRepeats, slows, restrictsMs } = rule;
    const refusal = { class: rejection, code: String(error.code), reason: reasonOf(error) };
    return { outcome: 'rejected', ...refusal, retryAfterMs, waitGrowth, maxRepeats, slows, restrictsMs };
  }
  const { status } = answer;
  // 408 comes from a proxy that gave up; what it had passed on by then nobody knows.
  if (status >= 500 || status === 408) {
    return { outcome: 'unknown', reason: `HTTP ${status}${error ? `, unlisted code ${error.code}` : ''}` };
  }
  return {
    outcome: 'rejected',
    class: classOfStatus(status),
    code: error ? String(error.code) : `HTTP_${status}`,
    reason: error ? reasonOf(error) : `HTTP ${status} without a Graph error`,
    retryAfterMs: readRetryAfterMs(answer.retryAfter),
  };
}

/** A refusal without a code we know: a proxy's, or a code newer than the table. */
function classOfStatus(status: number): 'rate' | 'auth' | 'retry' | 'permanent' {
  if (status === 429) return 'rate';
  if (status === 401 || status === 403 || status === 407) return 'auth';
  return status < 400 ? 'retry' : 'permanent';
}

function reasonOf(error: { message: string; error_data?: { details: string } }): string {
  return [error.message, error.error_data?.details].filter(Boolean).join(': ').slice(0, 500) || 'no reason given';
}

function longest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is an answer too: the callers say what it means
  }
}
