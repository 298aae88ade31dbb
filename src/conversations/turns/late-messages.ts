import type { OutboundContent } from '../../messages/message-content.js';
import type { Claimed, UnreadRow } from './claimed.js';

/** WhatsApp takes free text for a day after the customer wrote; an answer to older words would not arrive. */
const WINDOW_MS = 24 * 60 * 60 * 1000;

/** Key of the sentence, by which it is known that the customer has it already. */
export const LATE_NOTICE = 'late:notice';

const NOTICES: Readonly<Record<string, string>> = {
  es: 'Recibimos tu mensaje con retraso. Una persona te responderá en cuanto pueda.',
  en: 'Your message reached us late. A person will answer you as soon as possible.',
  pt: 'Recebemos sua mensagem com atraso. Uma pessoa responderá assim que possível.',
};

/**
 * What becomes of a message. One that is late counts only where neither the customer nor a person has said anything
 * since: then the bot answers, or a person does.
 */
export function fateOf(
  { isLate, isSuperseded, providerAt }: UnreadRow,
  { bot, now }: Claimed,
): 'answer' | 'context' | 'hand_over' {
  if (!isLate) return 'answer';
  if (isSuperseded) return 'context';
  return bot.latePolicy === 'hand_over' || isTooOld(providerAt, now) ? 'hand_over' : 'answer';
}

/** @returns what the customer is told when a person takes over; null when they were told since they wrote, or cannot be */
export function lateNotice({ isTold, providerAt }: UnreadRow, { bot, now }: Claimed): OutboundContent | null {
  if (isTold || isTooOld(providerAt, now)) return null;
  return { kind: 'text', text: NOTICES[bot.locale] ?? NOTICES['es'] ?? '' };
}

function isTooOld(providerAt: Date | null, now: Date): boolean {
  return providerAt !== null && now.getTime() - providerAt.getTime() > WINDOW_MS;
}

/**
 * SQL columns of a row `i` of the inbox; only late ones are looked up. Newer is what the customer wrote later, whenever
 * it arrived, so that of several exactly one is the last. The bot's own sends are no reply to a message it has not read.
 */
export const LATE_COLUMNS = `
  i.provider_at as "providerAt",
  case when i.is_late then exists (
    select from inbox n where n.conversation_id = i.conversation_id and n.received_at >= i.provider_at
       and ((n.kind = 'msg' and (n.provider_at, n.seq) > (i.provider_at, i.seq)
             and not coalesce((n.body ->> 'isPlaceholder')::boolean, false)) or n.kind = 'operator')
  ) or exists (
    select from outbox o where o.conversation_id = i.conversation_id and o.effect_key like 'echo:%'
       and o.sent_at > i.provider_at
  ) else false end as "isSuperseded",
  case when i.is_late then exists (
    select from outbox o where o.conversation_id = i.conversation_id and o.effect_key = '${LATE_NOTICE}'
       and o.created_at > i.provider_at
  ) else false end as "isTold"`;
