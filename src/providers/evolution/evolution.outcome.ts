import { z } from 'zod';
import { findOfficialErrorRule } from '../meta/meta-errors.js';
import { readRetryAfterMs, type HttpAnswer } from '../http/one-http-post.js';
import type { RejectionClass, SendOutcome } from '../whatsapp-provider.js';

type Answered = Extract<HttpAnswer, { stage: 'answered' }>;

/** How the instance is connected to WhatsApp, asked after a 500; null when it did not tell. */
export type InstanceState = string | null;

const acceptedSchema = z.object({ key: z.object({ id: z.string().min(1).max(255) }) });
/** Evolution's own form of every error. A proxy in front of it has another, and proves less. */
const refusedSchema = z.object({ status: z.number(), response: z.object({ message: z.unknown() }) });
/** The server without a licence answers everything so. */
const unlicensedSchema = z.object({ code: z.literal('LICENSE_REQUIRED'), message: z.string().catch('') });
/** A Graph error that an instance on Meta's API passes on under the status of a success. */
const graphErrorSchema = z.object({ code: z.int(), message: z.string().catch('') });

/** Thrown while the message was on its way to the socket: it may have gone. */
const LOST_ON_THE_WAY = /connection (closed|lost|terminated)|timed out/i;
/** WhatsApp itself slows the account down; Evolution passes it on under the status of a mistake. */
const RATE_LIMITED = /rate-overlimit/i;
/** The server knows the instance but has not loaded it, so there was nothing that could have sent. */
const NOT_LOADED = /cannot read properties of undefined \(reading '(\w+Message|audioWhatsapp|mediaSticker)'\)/i;
const NOT_AVAILABLE = /method not available/i;

/** A 500 in Evolution's own form comes from before the send, if the instance is not connected (reference 4.1). */
export function asksForState(answer: HttpAnswer): boolean {
  return answer.stage === 'answered' && answer.status === 500 && messagesOf(answer) !== null;
}

/**
 * INV-5 for one answer of `POST /message/…` (reference 4.1): accepted only with the id of a message, refused only what
 * Evolution itself refused before the send; everything else is unknown.
 */
export function toSendOutcome(answer: HttpAnswer, state: InstanceState = null): SendOutcome {
  if (answer.stage === 'noAnswer') return { outcome: 'unknown', reason: answer.reason };
  if (answer.stage === 'notSent') {
    // The request could not even be formed, so the same one will never leave.
    const isImpossible = answer.code === 'UND_ERR_INVALID_ARG';
    return reject(isImpossible ? 'permanent' : 'retry', answer.code, answer.reason);
  }
  return answer.status >= 200 && answer.status < 300 ? fromSuccess(answer) : fromFailure(answer, state);
}

function fromSuccess(answer: Answered): SendOutcome {
  const body = parseJson(answer.body);
  const providerMessageId = acceptedSchema.safeParse(body).data?.key.id ?? idInHead(answer.body);
  if (providerMessageId) return { outcome: 'accepted', providerMessageId };
  const error = graphErrorSchema.safeParse(body).data;
  const rule = error && findOfficialErrorRule(error.code);
  if (!error || !rule) return { outcome: 'unknown', reason: `HTTP ${answer.status} without a message id` };
  return reject(rule.class, String(error.code), error.message, rule.retryAfterMs);
}

/** The key comes first, and what follows may be the whole file in base64, of which only the beginning was kept. */
function idInHead(body: string): string | undefined {
  return /^\s*\{\s*"key"\s*:\s*\{[^{}]*"id"\s*:\s*"([^"\\]{1,255})"[^{}]*\}/.exec(body)?.[1];
}

function fromFailure(answer: Answered, state: InstanceState): SendOutcome {
  const { status } = answer;
  const unlicensed = unlicensedSchema.safeParse(parseJson(answer.body)).data;
  if (unlicensed) {
    return reject('auth', unlicensed.code, unlicensed.message || 'the Evolution server has no licence');
  }
  const messages = messagesOf(answer);
  if (messages?.some(isNotOnWhatsApp)) return reject('recipient', 'NOT_ON_WHATSAPP', 'the number is not on WhatsApp');
  const reason = messages?.map(describe).join('; ') || `HTTP ${status}`;
  if (messages && RATE_LIMITED.test(reason)) return reject('rate', 'RATE_OVERLIMIT', reason);
  if (status === 500 && messages) {
    if (NOT_LOADED.test(reason)) return reject('failover', 'INSTANCE_NOT_LOADED', reason);
    if (NOT_AVAILABLE.test(reason)) return reject('failover', 'METHOD_UNAVAILABLE', reason);
    if (state !== null && state !== 'open') return reject('failover', 'INSTANCE_NOT_OPEN', `${state}: ${reason}`);
  }
  // 408 comes from a proxy that gave up; what it had passed on by then nobody knows.
  if (status >= 500 || status === 408 || LOST_ON_THE_WAY.test(reason)) {
    return { outcome: 'unknown', reason: `HTTP ${status}: ${reason}`.slice(0, 500) };
  }
  return reject(
    classOfStatus(status, messages !== null),
    `HTTP_${status}`,
    reason,
    readRetryAfterMs(answer.retryAfter),
  );
}

/** 404 is an instance or a server that is not what the connection says: for a person to correct, like a wrong key. */
function classOfStatus(status: number, isEvolution: boolean): RejectionClass {
  if (status === 429) return 'rate';
  if (status === 401 || status === 404 || status === 407) return 'auth';
  if (status === 403) return isEvolution ? 'permanent' : 'auth';
  return status < 400 ? 'retry' : 'permanent';
}

function messagesOf({ body }: Answered): readonly unknown[] | null {
  const message = refusedSchema.safeParse(parseJson(body)).data?.response.message;
  return message === undefined || message === null ? null : Array.isArray(message) ? message.flat() : [message];
}

function isNotOnWhatsApp(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'exists' in message && message.exists === false;
}

function describe(message: unknown): string {
  return typeof message === 'string' ? message : (JSON.stringify(message) ?? '');
}

function reject(rejection: RejectionClass, code: string, reason: string, retryAfterMs?: number): SendOutcome {
  return {
    outcome: 'rejected',
    class: rejection,
    code,
    reason: reason.slice(0, 500) || 'no reason given',
    retryAfterMs,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is an answer too: the callers say what it means
  }
}
