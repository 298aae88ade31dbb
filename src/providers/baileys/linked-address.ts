import { readJid } from '../whatsapp-web/jid.js';
import { toE164 } from '../reading/whatsapp-address.js';
import type { Recipient } from '../whatsapp-provider.js';

/** Who a chat is with, and where an answer goes: to the id the message came from. */
export type LinkedAddress = {
  /** JID without device; never empty. */
  readonly address: string;
  /** E.164; null while only the hidden id is known. */
  readonly phone: string | null;
  /** Digits of WhatsApp's hidden id, from which no phone number can be derived. */
  readonly lid: string | null;
};

/**
 * @param jid what the chat, or the author in a group, goes by
 * @param alt the same person's other id, phone or hidden, whichever `jid` is not
 * @returns null for a group, a broadcast, a channel, and for nobody
 */
export function toLinkedAddress(jid: string | null | undefined, alt?: string | null): LinkedAddress | null {
  const [own, other] = [readJid(jid ?? ''), readJid(alt ?? '')];
  if (own?.kind !== 'phone' && own?.kind !== 'lid') return null;
  const known = [own, ...(other ? [other] : [])];
  const phone = known.find(({ kind }) => kind === 'phone');
  const lid = known.find(({ kind, user }) => kind === 'lid' && /^\d{1,32}$/.test(user));
  return {
    address: `${own.user}@${own.kind === 'lid' ? 'lid' : 's.whatsapp.net'}`,
    phone: phone ? toE164(phone.user) : null,
    lid: lid?.user ?? null,
  };
}

/** The group's JID; null when it is none. */
export function toGroupId(jid: string | null | undefined): string | null {
  const group = readJid(jid ?? '');
  return group?.kind === 'group' ? `${group.user}@g.us` : null;
}

/**
 * Where a message goes: to a JID WhatsApp told us, or to a number it has to be asked about, in each of its spellings,
 * because sending to one that does not exist "works" (reference 5.6). Null when there is nobody.
 */
export function toDestination({ address, phone }: Recipient): { jid: string } | { numbers: readonly string[] } | null {
  const told = toLinkedAddress(address);
  if (told) return { jid: told.address };
  const dialled = toE164(address) ?? (phone === null ? null : toE164(phone));
  return dialled === null ? null : { numbers: spellingsOf(dialled.slice(1)) };
}

/** The given one first, then how else WhatsApp may know a Mexican, Argentine or Brazilian mobile (reference 1.4). */
function spellingsOf(digits: string): readonly string[] {
  const marked = /^(52)1(\d{10})$|^(54)9(\d{10})$/.exec(digits);
  if (marked) return [digits, `${marked[1] ?? marked[3] ?? ''}${marked[2] ?? marked[4] ?? ''}`];
  const [, country, national] = /^(52|54)(\d{10})$/.exec(digits) ?? [];
  if (country && national) return [digits, `${country}${country === '52' ? '1' : '9'}${national}`];
  const [, area, short] = /^55(\d{2})9([6-9]\d{7})$/.exec(digits) ?? [];
  if (area && short) return [digits, `55${area}${short}`];
  const [, code, old] = /^55(\d{2})([6-9]\d{7})$/.exec(digits) ?? [];
  return code && old ? [digits, `55${code}9${old}`] : [digits];
}
