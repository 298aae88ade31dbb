import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { askAccount, refuse, refusedAs } from '../http/ask-account.js';
import { toE164 } from '../reading/whatsapp-address.js';
import type { AccountCheck } from '../whatsapp-provider.js';
import { toSendOutcome } from './official.outcome.js';

const numberSchema = z.object({
  id: z.string(),
  display_phone_number: z.string().optional(),
  verified_name: z.string().optional(),
});

/** Whether the token may use the number, and which number that is. */
export async function checkOfficial(
  dispatcher: Dispatcher,
  { path, token }: { readonly path: string; readonly token: string },
  signal: AbortSignal,
): Promise<AccountCheck> {
  const question = {
    path: `${path}?fields=id,display_phone_number,verified_name`,
    headers: { authorization: `Bearer ${token}` },
  };
  const asked = await askAccount(dispatcher, question, signal);
  if ('ok' in asked) return asked;
  if (asked.status !== 200) return refusedAs(toSendOutcome({ stage: 'answered', retryAfter: null, ...asked }));
  const number = readNumber(asked.body);
  if (!number) return refuse('retry', 'UNEXPECTED_ANSWER', 'HTTP 200 without a phone number');
  return {
    ok: true,
    displayName: number.verified_name ?? null,
    number: toE164(number.display_phone_number ?? ''),
  };
}

function readNumber(body: string): z.output<typeof numberSchema> | null {
  try {
    return numberSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null; // not JSON: nothing of Meta's
  }
}
