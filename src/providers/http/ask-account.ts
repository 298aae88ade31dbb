import type { Dispatcher } from 'undici';
import type { AccountCheck, SendOutcome } from '../whatsapp-provider.js';
import { readBoundedText } from './bounded-text.js';

export type Question = {
  readonly origin?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How much of the answer is of interest; `readBoundedText`'s own bound unless told. */
  readonly keepBytes?: number;
};
export type Asked = { readonly status: number; readonly body: string };
export type Refused = Extract<AccountCheck, { ok: false }>;

/** One GET that changes nothing. Never throws: no answer is told as `retry`, which says nothing of the account. */
export async function askAccount(
  dispatcher: Dispatcher,
  { origin, path, headers, keepBytes }: Question,
  signal: AbortSignal,
): Promise<Asked | Refused> {
  try {
    const request = { method: 'GET', path, headers: { ...headers }, signal } as const;
    // A pool knows its origin; an agent is told.
    const answer = await dispatcher.request({ origin: origin ?? '', ...request });
    return { status: answer.statusCode, body: await readBoundedText(answer.body, keepBytes) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NO_ANSWER';
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return { ok: false, class: 'retry', code, reason: reason.slice(0, 300) };
  }
}

/** A refusal of an account by the rules of a refused send; what those leave open says nothing of the account. */
export function refusedAs(outcome: SendOutcome): Refused {
  if (outcome.outcome !== 'rejected') {
    const reason = outcome.outcome === 'unknown' ? outcome.reason : 'not the answer of this provider';
    return { ok: false, class: 'retry', code: 'UNEXPECTED_ANSWER', reason };
  }
  const { class: rejection, code, reason } = outcome;
  return { ok: false, class: rejection, code, reason };
}

export function refuse(rejection: Refused['class'], code: string, reason: string): Refused {
  return { ok: false, class: rejection, code, reason };
}
