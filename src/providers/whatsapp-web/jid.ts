import { toE164 } from '../reading/whatsapp-address.js';

/** Who a chat is with. `address` is the JID to answer to; never empty. */
export type WebPerson = {
  readonly address: string;
  /** E.164; null when only the hidden id is known. */
  readonly phone: string | null;
  /** WhatsApp's hidden id (LID): digits, but no phone number, and none can be derived from it. */
  readonly lid: string | null;
};

const BY_PHONE = new Set(['s.whatsapp.net', 'c.us', 'hosted']);
const BY_LID = new Set(['lid', 'hosted.lid']);

/** What a JID names (reference 1.4), without the agent and device that may follow the user: `5215…:90@s.whatsapp.net`. */
export function readJid(value: string): { user: string; kind: 'phone' | 'lid' | 'group' | 'other' } | null {
  const group = /^([\d-]{1,64})@g\.us$/.exec(value)?.[1];
  if (group) return { user: group, kind: 'group' };
  const [, user, server] = /^([^@:_\s]+)(?:_\d+)?(?::\d+)?@([a-z.]+)$/.exec(value) ?? [];
  if (!user || !server) return null;
  if (BY_PHONE.has(server)) return { user, kind: 'phone' };
  return { user, kind: BY_LID.has(server) ? 'lid' : 'other' };
}

/**
 * A person from the ids of one chat, whichever of them is the phone: builds differ in which field holds it (reference
 * 4.4). Null for a group, a broadcast, a channel, and for nobody.
 */
export function toPerson(jids: readonly (string | undefined)[]): WebPerson | null {
  const known = jids.map((jid) => (jid ? readJid(jid) : null)).filter((jid) => jid !== null);
  if (known.some(({ kind }) => kind === 'other' || kind === 'group')) return null;
  const phone = known.map(({ user, kind }) => (kind === 'phone' ? toE164(user) : null)).find((e164) => e164 !== null);
  const lid = known.find(({ user, kind }) => kind === 'lid' && /^\d{1,32}$/.test(user))?.user ?? null;
  if (phone) return { address: `${phone.slice(1)}@s.whatsapp.net`, phone, lid };
  return lid ? { address: `${lid}@lid`, phone: null, lid } : null;
}
