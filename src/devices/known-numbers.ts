import { LRUCache } from 'lru-cache';
import { toLinkedAddress } from '../providers/baileys/linked-address.js';
import type { OpenSession } from '../providers/baileys/linked-socket.js';

const REMEMBERED = 10_000;

/**
 * Numbers WhatsApp was asked about. Writing to one it does not know seems to work and counts against the sender
 * (reference 5.5), so a number is looked up before the first message; one that is there is not asked about again.
 */
export class KnownNumbers {
  private readonly jids = new LRUCache<string, string>({ max: REMEMBERED });

  /** @returns null: none of the spellings is on WhatsApp @throws whatever kept it from being asked */
  async find({ connectionId, socket }: OpenSession, spellings: readonly string[]): Promise<string | null> {
    const name = `${connectionId} ${spellings[0]}`;
    const known = this.jids.get(name);
    if (known !== undefined) return known;
    const answers = await socket.onWhatsApp(...spellings.map((digits) => `+${digits}`));
    const found = (answers ?? []).filter(({ exists }) => Boolean(exists)).map(({ jid }) => toLinkedAddress(jid));
    // Where both spellings of a number exist they are two accounts: the one that was asked for counts.
    const jid = (found.find((person) => person?.address.startsWith(`${spellings[0]}@`)) ?? found[0])?.address;
    if (jid === undefined) return null;
    this.jids.set(name, jid);
    return jid;
  }
}
