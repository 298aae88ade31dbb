import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MalformedWebhookError } from '../provider.errors.js';
import { readProfileName, revoked } from '../reading/inbound-content.js';
import {
  idFromContent,
  isRecord,
  optionalFlag,
  optionalId,
  optionalText,
  storableJson,
  type JsonRecord,
} from '../reading/webhook-reading.js';
import { readJid, toPerson } from '../whatsapp-web/jid.js';
import { readHealth, readStatus } from './evolution.webhook-state.js';
import { isHousekeeping, readContent, readEdited } from '../whatsapp-web/web-content.js';
import { readWebTime } from '../whatsapp-web/web-time.js';
import type { EvolutionWebhook, InboundMessage, Notice, StatusUpdate } from './evolution.webhook-types.js';

/**
 * Reads one proven POST of Evolution (reference 4.4). An event we do not use is `ignored`, whatever it holds.
 *
 * @param pathEvent how the URL names the event, when the instance posts each to a path of its own: `messages-upsert`
 * @throws MalformedWebhookError the body is no event, or nothing of an event we use could be read
 */
export function parseEvolutionWebhook(
  body: unknown,
  pathEvent: string | undefined,
  receivedAt: Date = new Date(),
): EvolutionWebhook {
  if (!isRecord(body)) throw new MalformedWebhookError('body', 'an object');
  const named = typeof body.event === 'string' && body.event !== '' ? body.event : pathEvent;
  if (!named) throw new MalformedWebhookError('event', 'the name of an event');
  const reading = new Reading(body, toEventName(named), receivedAt);
  return reading.read();
}

/** Configured in upper case with underscores, told in lower case with dots, put in a path with dashes. */
function toEventName(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '.').slice(0, 64);
}

const keySchema = z.object({
  remoteJid: optionalText,
  remoteJidAlt: optionalText,
  participant: optionalText,
  participantAlt: optionalText,
  fromMe: optionalFlag,
  id: optionalId,
});
type Key = z.output<typeof keySchema>;

class Reading {
  private readonly messages: InboundMessage[] = [];
  private readonly statuses: StatusUpdate[] = [];
  private readonly notices: Notice[] = [];

  constructor(
    private readonly body: JsonRecord,
    private readonly event: string,
    private readonly receivedAt: Date,
  ) {}

  read(): EvolutionWebhook {
    const { data, instance } = this.body;
    const readItem = this.readerOf(this.event);
    if (!readItem) this.notices.push({ kind: 'ignored', what: this.event });
    // One object each as far as we know; where it is a list, every item counts.
    else for (const item of Array.isArray(data) ? data : [data]) this.readOne(item, readItem);
    const { event, messages, statuses, notices } = this;
    return { event, instance: typeof instance === 'string' ? instance : null, messages, statuses, notices };
  }

  private readerOf(event: string): ((data: JsonRecord) => void) | null {
    switch (event) {
      case 'messages.upsert':
        return (data) => this.readUpsert(data);
      // The same shape, of what was said through the API: our own sends, and those of other programs.
      case 'send.message':
        return (data) => this.readUpsert(data, true);
      case 'messages.edited':
        return (data) => this.readEdit(data);
      case 'messages.delete':
        return (data) => this.readDelete(data);
      case 'messages.update':
        return (data) => this.readUpdate(data);
      case 'connection.update':
        return (data) => this.notices.push(readHealth(data));
      default:
        return null;
    }
  }

  private readOne(item: unknown, readItem: (data: JsonRecord) => void): void {
    if (!isRecord(item)) throw new MalformedWebhookError('data', 'an object');
    readItem(item);
  }

  private readUpsert(data: JsonRecord, isByApi = false): void {
    const key = isByApi ? { ...keyOf(data.key), fromMe: true } : keyOf(data.key);
    const protocol = isRecord(data.message) ? data.message.protocolMessage : undefined;
    if (isRecord(protocol)) {
      return key.fromMe ? void this.notices.push({ kind: 'own' }) : this.readProtocol(protocol, key);
    }
    if (isRecord(data.message) && isHousekeeping(data.message)) {
      return void this.notices.push({
        kind: 'ignored',
        what: `messages.upsert ${Object.keys(data.message).join(' ')}`,
      });
    }
    const content = readContent(data, key.id ?? '');
    this.keep(key, {
      providerMessageId: key.id ?? idFromContent(data),
      // On a message of the shop's own it is the shop's name.
      profileName: key.fromMe ? null : readProfileName(data.pushName),
      providerTimestamp: readWebTime(data.messageTimestamp) ?? this.receivedAt,
      content: key.id ? content : { type: 'unsupported', text: content.text },
      ...(isByApi ? { isByApi } : {}),
    });
  }

  /** A change inside an upsert: the key around it says who made it, the key inside what it is about. */
  private readProtocol(protocol: JsonRecord, around: Key): void {
    const about = keyOf(protocol.key).id;
    if (about) this.readChange(protocol, about, around);
    else this.notices.push({ kind: 'ignored', what: 'messages.upsert protocolMessage' });
  }

  /**
   * The protocol message alone. Its key is as the author's phone wrote it: a customer's own message is `fromMe` in a
   * chat with us, and then nothing here says who the customer is.
   */
  private readEdit(data: JsonRecord): void {
    const key = keyOf(data.key);
    if (!key.id) throw new MalformedWebhookError('data.key.id', 'an id');
    if (key.fromMe) return void this.notices.push({ kind: this.isOwner(key.remoteJid) ? 'elsewhere' : 'own' });
    this.readChange(data, key.id, key);
  }

  private readChange(change: JsonRecord, about: string, who: Key): void {
    const isRevoke = change.type === 'REVOKE' || change.type === 0;
    if (!isRevoke && !isRecord(change.editedMessage)) {
      return void this.notices.push({ kind: 'ignored', what: `${this.event} without an edit` });
    }
    const content = isRecord(change.editedMessage) ? readEdited(change.editedMessage, about) : revoked(about);
    const at = readWebTime(Number(change.timestampMs) / 1000) ?? this.receivedAt;
    this.keep(who, {
      ...unnamed,
      providerMessageId: idOfChange(content.type, about, change),
      providerTimestamp: at,
      content,
    });
  }

  /** Either the bare key of what a customer took back, or what became of our own call. */
  private readDelete(data: JsonRecord): void {
    if (isRecord(data.key)) return void this.notices.push({ kind: 'own' });
    const key = keyOf(data);
    if (!key.id) throw new MalformedWebhookError('data.id', 'an id');
    if (key.fromMe) return void this.notices.push({ kind: 'own' });
    const content = revoked(key.id);
    const providerTimestamp = this.receivedAt;
    this.keep(key, { ...unnamed, providerMessageId: `revoke.${key.id}`, providerTimestamp, content });
  }

  private readUpdate(data: JsonRecord): void {
    const status = readStatus(data, this.receivedAt);
    if (status === null) throw new MalformedWebhookError('data', 'a keyId and a status');
    if ('kind' in status) this.notices.push(status);
    else this.statuses.push(status);
  }

  private keep(key: Key, message: Message): void {
    const chat = readJid(key.remoteJid ?? '');
    if (chat?.kind === 'group') return this.keepOfGroup(chat.user, key, message);
    if (chat?.kind === 'other') return void this.notices.push({ kind: 'elsewhere' });
    // `participant` is an empty string in a chat of two, and the author in a group.
    const person = toPerson([key.remoteJid, key.remoteJidAlt]);
    if (!person) throw new MalformedWebhookError('data.key.remoteJid', 'the id of a person');
    this.messages.push({ ...person, ...message, groupId: null, isOwn: key.fromMe ?? false });
  }

  /** `remoteJidAlt` is the author's other id here. What the shop itself says in a group needs no author. */
  private keepOfGroup(groupId: string, key: Key, message: Message): void {
    const person = toPerson([key.participant, key.participantAlt, key.remoteJidAlt].filter((jid) => !isGroup(jid)));
    const nobody = { address: groupId, phone: null, lid: null };
    this.messages.push({ ...(person ?? nobody), ...message, groupId, isOwn: key.fromMe ?? false });
  }

  /** `sender` is the number of the instance. */
  private isOwner(jid: string | undefined): boolean {
    const owner = typeof this.body.sender === 'string' ? readJid(this.body.sender) : null;
    return owner !== null && readJid(jid ?? '')?.user === owner.user;
  }
}

/** Without whom it is from and where it was said. */
type Message = Omit<InboundMessage, 'address' | 'phone' | 'lid' | 'groupId' | 'isOwn'>;

const unnamed = { profileName: null };

function isGroup(jid: string | undefined): boolean {
  return readJid(jid ?? '')?.kind === 'group';
}

function keyOf(value: unknown): Key {
  return keySchema.safeParse(value).data ?? {};
}

/** Changes share the id of what they change; the same one again has the same content. */
function idOfChange(type: string, about: string, change: JsonRecord): string {
  if (type === 'revoke') return `revoke.${about}`;
  const hash = createHash('sha256')
    .update(JSON.stringify(storableJson(change)))
    .digest('hex');
  return `edit.${about.slice(0, 180)}.${hash}`;
}
