import { z } from 'zod';
import { readProfileName } from '../reading/inbound-content.js';
import { idFromContent, optionalId, optionalText, timeField, type JsonRecord } from '../reading/webhook-reading.js';
import { toPerson } from './official.reading.js';
import { readContent, unsupported } from './official.webhook-content.js';
import type { AccountNotice, InboundMessage, OfficialPerson } from './official.webhook-types.js';

type Notice<K extends AccountNotice['kind']> = Extract<AccountNotice, { kind: K }>;

const contactsSchema = z
  .array(
    z
      .object({
        profile: z.object({ name: optionalText, username: optionalText }).optional().catch(undefined),
        wa_id: optionalId,
        user_id: optionalId,
      })
      .catch({}),
  )
  .catch([]);
export type Contacts = z.output<typeof contactsSchema>;

/** The cards beside the messages of one change. */
export function readContacts(raw: unknown): Contacts {
  return contactsSchema.parse(raw);
}

const headSchema = z.object({
  id: optionalId,
  from: optionalId,
  from_user_id: optionalId,
  group_id: optionalId,
  timestamp: timeField,
});

/** Null when the message names nobody who could be answered. */
export function readMessage(
  raw: JsonRecord,
  contacts: Contacts,
  phoneNumberId: string,
  receivedAt: Date,
): InboundMessage | null {
  const { data: head } = headSchema.safeParse(raw);
  const card = findCard(contacts, head?.from, head?.from_user_id);
  const person = toPerson([head?.from_user_id, head?.from, card?.user_id, card?.wa_id]);
  if (!head || !person) return null;
  return {
    ...person,
    formerly: null,
    phoneNumberId,
    providerMessageId: head.id ?? idFromContent(raw),
    profileName: readProfileName(card?.profile?.name ?? card?.profile?.username),
    groupId: head.group_id ?? null,
    providerTimestamp: head.timestamp ?? receivedAt,
    content: head.id ? readContent(raw) : unsupported(raw),
  };
}

/** By id, never by position; a lone card belongs to a message that carries no id of its sender. */
function findCard(contacts: Contacts, from?: string, userId?: string): Contacts[number] | undefined {
  const ids = [from, userId].filter((id) => id !== undefined);
  if (ids.length === 0) return contacts.length === 1 ? contacts[0] : undefined;
  return contacts.find(({ wa_id, user_id }) => ids.some((id) => id === wa_id || id === user_id));
}

const moveSchema = z.object({
  type: z.literal('system'),
  system: z.object({
    type: z.enum(['user_changed_number', 'user_changed_user_id']),
    wa_id: optionalId,
    user_id: optionalId,
  }),
});

/** A system message by which a customer's number or business-scoped id changed. */
export function readMove(
  raw: JsonRecord,
  from: OfficialPerson,
  at: Date,
): Omit<Notice<'moved'>, 'wabaId' | 'phoneNumberId'> | null {
  const { data } = moveSchema.safeParse(raw);
  const to = data && toPerson([data.system.user_id, data.system.wa_id]);
  const { address, phone, bsuid } = from;
  return to ? { kind: 'moved', from: { address, phone, bsuid }, to, at } : null;
}

const echoSchema = z.object({ id: optionalId, to: optionalId, to_user_id: optionalId, timestamp: timeField });

/** A message a person typed in the WhatsApp Business app. */
export function readEcho(raw: JsonRecord, receivedAt: Date): Omit<Notice<'echo'>, 'wabaId' | 'phoneNumberId'> | null {
  const { data } = echoSchema.safeParse(raw);
  const to = data && toPerson([data.to_user_id, data.to]);
  if (!to) return null;
  const at = data.timestamp ?? receivedAt;
  return { kind: 'echo', providerMessageId: data.id ?? idFromContent(raw), to, at, content: readContent(raw) };
}
