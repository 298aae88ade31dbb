import { z } from 'zod';
import { idField, optionalFlag, optionalText, type JsonRecord } from '../reading/webhook-reading.js';
import type { Notice, StatusUpdate } from './evolution.webhook-types.js';

/** WhatsApp's own ladder, by name or number; and Meta's names in upper case, from an instance on Meta's API. */
const STATUSES: Readonly<Record<string, StatusUpdate['status']>> = {
  ERROR: 'failed',
  '0': 'failed',
  SERVER_ACK: 'sent',
  '2': 'sent',
  DELIVERY_ACK: 'delivered',
  '3': 'delivered',
  READ: 'read',
  '4': 'read',
  PLAYED: 'played',
  '5': 'played',
  SENT: 'sent',
  DELIVERED: 'delivered',
  FAILED: 'failed',
};

const statusSchema = z.object({
  keyId: idField,
  status: z.union([z.string(), z.number().transform(String)]),
  fromMe: optionalFlag,
});

/**
 * What became of one sent message. Matched by `keyId` alone, because `remoteJid` may be hidden or carry a device; when
 * it happened is not told, so it is the time of receipt. Null when it is no status at all.
 */
export function readStatus(data: JsonRecord, receivedAt: Date): StatusUpdate | Notice | null {
  const { data: update } = statusSchema.safeParse(data);
  if (!update) return null;
  if (update.fromMe === false) return { kind: 'own' }; // we read a customer's message
  const status = STATUSES[update.status.toUpperCase()];
  if (!status) return { kind: 'ignored', what: `messages.update ${update.status.slice(0, 32)}` };
  return { providerMessageId: update.keyId, status, at: receivedAt };
}

/** The server does not connect again by itself after these: unlinked, banned, refused (reference 4.4). */
const FINAL_REASONS = new Set([401, 402, 403, 406]);

const connectionSchema = z.object({ state: optionalText, statusReason: z.coerce.number().optional().catch(undefined) });

/** `connecting` is no news: it ends as one of the others, and events overtake each other. */
export function readHealth(data: JsonRecord): Notice {
  const { state, statusReason } = connectionSchema.safeParse(data).data ?? {};
  const reason = `WhatsApp connection ${state}${statusReason === undefined ? '' : ` (${statusReason})`}`;
  switch (state) {
    case 'open':
      return { kind: 'health', health: 'up', reason: null };
    case 'refused':
      // Nobody scanned the code in time.
      return { kind: 'health', health: 'auth_lost', reason };
    case 'close': {
      const isFinal = statusReason !== undefined && FINAL_REASONS.has(statusReason);
      return { kind: 'health', health: isFinal ? 'auth_lost' : 'degraded', reason };
    }
    default:
      return { kind: 'ignored', what: `connection.update ${(state ?? '').slice(0, 32)}` };
  }
}
