import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { askAccount, refuse, refusedAs, type Refused } from '../http/ask-account.js';
import { toE164 } from '../reading/whatsapp-address.js';
import type { AccountCheck } from '../whatsapp-provider.js';
import { toFailure } from './twilio.outcome.js';

export type TwilioAccount = {
  readonly accountSid: string;
  readonly basic: string;
  readonly from: string | undefined;
  readonly messagingServiceSid: string | undefined;
};
type Places = { readonly prefix: string; readonly messaging: { readonly origin: string; readonly prefix: string } };

const accountSchema = z.object({ status: z.string(), friendly_name: z.string().optional() });
const serviceSchema = z.object({ sid: z.string(), friendly_name: z.string().optional() });
const errorSchema = z.object({ code: z.int(), message: z.string().catch('') });

/** Whether the account lives and the token opens it, and whether it has the Messaging Service, where one is named. */
export async function checkTwilio(
  api: Dispatcher,
  elsewhere: Dispatcher,
  { prefix, messaging }: Places,
  { accountSid, basic, from, messagingServiceSid }: TwilioAccount,
  signal: AbortSignal,
): Promise<AccountCheck> {
  const headers = { authorization: `Basic ${basic}` };
  const path = `${prefix}/2010-04-01/Accounts/${accountSid}.json`;
  const account = await read(api, { path, headers }, accountSchema, signal);
  if ('ok' in account) return account;
  if (account.status !== 'active') {
    return refuse('auth', `ACCOUNT_${account.status.toUpperCase()}`, `the Twilio account is ${account.status}`);
  }
  const number = from === undefined ? null : toE164(from.replace(/^whatsapp:/, ''));
  if (messagingServiceSid === undefined) return { ok: true, displayName: account.friendly_name ?? null, number };
  const at = {
    origin: messaging.origin,
    path: `${messaging.prefix}/v1/Services/${messagingServiceSid}`,
    headers,
  };
  const service = await read(elsewhere, at, serviceSchema, signal);
  if ('ok' in service) return service.code === '20404' ? { ...service, class: 'auth' } : service;
  return { ok: true, displayName: service.friendly_name ?? null, number };
}

async function read<T extends z.ZodObject>(
  dispatcher: Dispatcher,
  question: Parameters<typeof askAccount>[1],
  schema: T,
  signal: AbortSignal,
): Promise<z.output<T> | Refused> {
  const asked = await askAccount(dispatcher, question, signal);
  if ('ok' in asked) return asked;
  const body = parseJson(asked.body);
  if (asked.status !== 200) {
    const { code, message } = errorSchema.safeParse(body).data ?? {};
    const error = Object.assign(new Error(message), code === undefined ? {} : { code });
    return refusedAs(toFailure(error, { stage: 'answered', retryAfter: null, ...asked }));
  }
  return schema.safeParse(body).data ?? refuse('retry', 'UNEXPECTED_ANSWER', 'HTTP 200 without the account');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: nothing of Twilio's
  }
}
