import { createHash } from 'node:crypto';
import { identityKeys } from '../../messages/identity-keys.js';
import type { IngestEvent } from '../../conversations/inbox/ingest.service.js';
import { readProfileName } from '../../providers/reading/inbound-content.js';
import { readWebTime } from '../../providers/whatsapp-web/web-time.js';
import { toStorableText } from '../../messages/storable.js';
import { toGroupId, toLinkedAddress } from '../../providers/baileys/linked-address.js';
import { readLinkedContent, toPlainJson, type Said } from '../../providers/baileys/linked-content.js';
import type {
  LidMapping,
  LinkedKey,
  LinkedMessage,
  LinkedPerson,
  OpenSession,
} from '../../providers/baileys/linked-socket.js';

const MAX_ID = 255;

/** What one message is to us. `own`: from this account, by us or by the phone. */
export type Reading =
  | { readonly kind: 'said'; readonly event: IngestEvent; readonly key: LinkedKey }
  | { readonly kind: 'own'; readonly event: IngestEvent }
  | { readonly kind: 'nothing' };

const NOTHING: Reading = { kind: 'nothing' };

/** One message of `messages.upsert` or of the history (reference 5.6). */
export function readMessage(session: OpenSession, message: LinkedMessage, receivedAt: Date): Reading {
  const { key } = message;
  const id = toStorableText(key.id ?? '', MAX_ID);
  const said = id === '' ? null : readLinkedContent(message, id);
  const where = said && placeOf(session, key);
  if (!said || !where) return NOTHING;
  const isOwn = key.fromMe === true;
  // What the phone takes back or corrects was ours to say; nobody has to hear of it twice.
  if (isOwn && (said.changes !== null || said.content.isPlaceholder)) return NOTHING;
  const event: IngestEvent = {
    tenantId: session.tenantId,
    botId: session.botId,
    connectionId: session.connectionId,
    ...where,
    profileName: isOwn ? null : readProfileName(message.pushName),
    providerMessageId: dedupeIdOf(said, id),
    providerAt: readWebTime(message.messageTimestamp) ?? receivedAt,
    content: said.content,
    ...(isOwn && { isOwn }),
  };
  return isOwn ? { kind: 'own', event } : { kind: 'said', event, key };
}

/** The chat with a person, or a group and who spoke in it; null for status posts, channels and our own notes to us. */
function placeOf(
  session: OpenSession,
  key: LinkedKey,
): Pick<IngestEvent, 'address' | 'phone' | 'identities' | 'groupId'> | null {
  const groupId = toGroupId(key.remoteJid);
  const person = groupId
    ? toLinkedAddress(key.participant, key.participantAlt)
    : toLinkedAddress(key.remoteJid, key.remoteJidAlt);
  if (groupId) {
    const { address, ...known } = person ?? { address: groupId, phone: null, lid: null };
    return { address, phone: known.phone, identities: identityKeys(known), groupId };
  }
  const { user } = session.socket;
  const ours = [toLinkedAddress(user?.id)?.address, toLinkedAddress(user?.lid)?.address];
  if (!person || ours.includes(person.address)) return null;
  const { address, phone, lid } = person;
  return { address, phone, identities: identityKeys({ phone, lid }) };
}

/** A change has an id of its own, and WhatsApp may tell it twice under different ones; its content is the same. */
function dedupeIdOf({ content, changes }: Said, id: string): string {
  if (changes === null) return id;
  if (content.type === 'revoke') return `revoke.${changes}`.slice(0, MAX_ID);
  const hash = createHash('sha256').update(content.text).digest('hex');
  return `edit.${changes.slice(0, 180)}.${hash}`;
}

export type Names = { readonly keys: readonly string[]; readonly phone: string };

/** The identities of one person as a mapping or an address-book entry gives them; null unless both are there. */
export function readMapping(mapping: LidMapping | LinkedPerson): Names | null {
  const jids = 'pn' in mapping ? [mapping.pn, mapping.lid] : [mapping.id, mapping.lid, mapping.phoneNumber];
  const known = jids.map((jid) => toLinkedAddress(jid));
  const phone = known.find((person) => person?.phone)?.phone;
  const lid = known.find((person) => person?.lid)?.lid;
  return phone && lid ? { keys: identityKeys({ phone, lid }), phone } : null;
}

/** The key of a message as it may be stored and asked about later. */
export function toStoredKey(key: LinkedKey): object {
  const { remoteJid, fromMe, id, participant } = key;
  return toPlainJson({ remoteJid, fromMe: fromMe ?? false, id, ...(participant && { participant }) });
}
