import { toE164 } from '../reading/whatsapp-address.js';
import { readJid, toPerson } from '../whatsapp-web/jid.js';

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
