import { toE164 } from '../reading/whatsapp-address.js';

/** Who a chat is with. `address` is the JID to answer to; never empty. */
export type EvolutionPerson = {
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
export function toPerson(jids: readonly (string | undefined)[]): EvolutionPerson | null {
  const known = jids.map((jid) => (jid ? readJid(jid) : null)).filter((jid) => jid !== null);
  if (known.some(({ kind }) => kind === 'other' || kind === 'group')) return null;
  const phone = known.map(({ user, kind }) => (kind === 'phone' ? toE164(user) : null)).find((e164) => e164 !== null);
  const lid = known.find(({ user, kind }) => kind === 'lid' && /^\d{1,32}$/.test(user))?.user ?? null;
  if (phone) return { address: `${phone.slice(1)}@s.whatsapp.net`, phone, lid };
  return lid ? { address: `${lid}@lid`, phone: null, lid } : null;
}

/** The `number` of a send: a JID we were told stays as it is, a dialled number is written as Evolution would. */
export function toEvolutionNumber(address: string): string | null {
  const jid = readJid(address);
  if (jid) return toPerson([address])?.address ?? null;
  const dialled = toE164(address);
  return dialled && foldDialled(dialled.slice(1));
}

/**
 * Digits as Evolution's own `createJid` rewrites them (reference 1.4): without the mark of old Mexican and Argentine
 * mobiles, and without the 9 that Brazilian accounts outside the first regions were registered without.
 */
export function foldDialled(digits: string): string {
  if (/^5[24]\d{11}$/.test(digits)) return digits.slice(0, 2) + digits.slice(3);
  const [, area, rest] = /^55(\d{2})\d(\d{8})$/.exec(digits) ?? [];
  if (!area || !rest || Number(area) < 31 || rest < '7') return digits;
  return `55${area}${rest}`;
}
