import { z } from 'zod';
import { MalformedWebhookError } from '../provider.errors.js';
import { toStorableText } from '../../messages/storable.js';
import {
  excerpt,
  idField,
  isRecord,
  optionalId,
  storableJson,
  timeField,
  type JsonRecord,
} from '../reading/webhook-reading.js';
import { errorsField, titleOf, toPerson } from './official.reading.js';
import { readContacts, readEcho, readMessage, readMove } from './official.webhook-message.js';
import { classOf, readStatus } from './official.webhook-status.js';
import type { AccountNotice, InboundMessage, OfficialWebhook, StatusUpdate } from './official.webhook-types.js';

/** Told by `account` notices with Meta's own fields; every other field but the four parsed ones is `ignored`. */
const ACCOUNT_FIELDS = new Set([
  'account_alerts',
  'account_review_update',
  'account_update',
  'business_capability_update',
  'message_template_quality_update',
  'message_template_status_update',
  'phone_number_name_update',
  'phone_number_quality_update',
  'template_category_update',
]);

/**
 * Reads one verified POST of Meta: every entry, change, message and status of the batch (reference 2.4). What cannot be
 * read becomes an `unsupported` message or an `unreadable` notice and never costs the rest of the batch.
 *
 * @throws MalformedWebhookError nothing in the body could be read; it names the first field that is wrong
 */
export function parseOfficialWebhook(body: unknown, receivedAt: Date = new Date()): OfficialWebhook {
  if (!isRecord(body)) throw new MalformedWebhookError('body', 'an object');
  if (body.object !== 'whatsapp_business_account') {
    throw new MalformedWebhookError('object', '"whatsapp_business_account"');
  }
  if (!Array.isArray(body.entry)) throw new MalformedWebhookError('entry', 'an array');
  const batch = new Batch(receivedAt);
  body.entry.forEach((entry: unknown, index) => batch.readEntry(entry, `entry[${index}]`));
  return batch.finish();
}

/** Whose webhook it claims to be, to find the app secret that proves it. Reads nothing else and never throws. */
export function officialSendersOf(body: unknown): { phoneNumberIds: string[]; wabaIds: string[] } {
  const entries = isRecord(body) && Array.isArray(body.entry) ? body.entry.filter(isRecord) : [];
  const changes = entries.flatMap(({ changes }) => (Array.isArray(changes) ? changes.filter(isRecord) : []));
  const numbers = changes.map(({ value }) => phoneNumberIdOf(value)).filter((id) => id !== null);
  const accounts = entries.map(({ id }) => idField.safeParse(id).data).filter((id) => id !== undefined);
  return { phoneNumberIds: [...new Set(numbers)], wabaIds: [...new Set(accounts)] };
}

type Origin = { readonly wabaId: string | null; readonly phoneNumberId: string | null };
type OriginWithNumber = Origin & { readonly phoneNumberId: string };

class Batch {
  private readonly messages: InboundMessage[] = [];
  private readonly statuses: StatusUpdate[] = [];
  private readonly notices: AccountNotice[] = [];
  private firstProblem: MalformedWebhookError | null = null;

  constructor(private readonly receivedAt: Date) {}

  finish(): OfficialWebhook {
    const { messages, statuses, notices, firstProblem } = this;
    const isReadable = messages.length + statuses.length > 0 || notices.some(({ kind }) => kind !== 'unreadable');
    if (firstProblem && !isReadable) throw firstProblem;
    return { messages, statuses, notices };
  }

  readEntry(entry: unknown, path: string): void {
    const nobody: Origin = { wabaId: null, phoneNumberId: null };
    if (!isRecord(entry)) return this.giveUp(nobody, path, 'an object', entry);
    const wabaId = idField.safeParse(entry.id).data ?? null;
    for (const [change, at] of this.items(entry.changes, `${path}.changes`, { ...nobody, wabaId }, true)) {
      this.readChange(change, at, wabaId);
    }
  }

  private readChange(change: unknown, path: string, wabaId: string | null): void {
    const nobody: Origin = { wabaId, phoneNumberId: null };
    if (!isRecord(change)) return this.giveUp(nobody, path, 'an object', change);
    const { field, value } = change;
    if (typeof field !== 'string') return this.giveUp(nobody, `${path}.field`, 'a string', change);
    if (!isRecord(value)) return this.giveUp(nobody, `${path}.value`, 'an object', change);
    const origin: Origin = { wabaId, phoneNumberId: phoneNumberIdOf(value) };
    const valuePath = `${path}.value`;
    if (field === 'messages') return this.readMessagesField(value, valuePath, origin);
    if (field === 'smb_message_echoes') return this.readEchoes(value, valuePath, origin);
    if (field === 'user_preferences') return this.readPreferences(value, valuePath, origin);
    if (!ACCOUNT_FIELDS.has(field)) return this.note(origin, { kind: 'ignored', field: toStorableText(field) });
    const event = typeof value.event === 'string' ? toStorableText(value.event) : null;
    this.note(origin, { kind: 'account', field, event, detail: storableJson(value) as JsonRecord });
  }

  private readMessagesField(value: JsonRecord, path: string, origin: Origin): void {
    const messages = this.items(value.messages, `${path}.messages`, origin);
    const statuses = this.items(value.statuses, `${path}.statuses`, origin);
    for (const error of errorsField.parse(value.errors) ?? []) {
      this.note(origin, { kind: 'error', code: String(error.code), class: classOf(error.code), title: titleOf(error) });
    }
    if (messages.length + statuses.length === 0) return;
    const { phoneNumberId } = origin;
    if (phoneNumberId === null) return this.giveUp(origin, `${path}.metadata.phone_number_id`, 'an id', value);
    const contacts = readContacts(value.contacts);
    for (const [raw, at] of messages) this.readMessage(raw, at, contacts, { ...origin, phoneNumberId });
    for (const [raw, at] of statuses) this.readStatus(raw, at, { ...origin, phoneNumberId });
  }

  private readMessage(
    raw: unknown,
    path: string,
    contacts: ReturnType<typeof readContacts>,
    origin: OriginWithNumber,
  ): void {
    if (!isRecord(raw)) return this.giveUp(origin, path, 'an object', raw);
    const message = readMessage(raw, contacts, origin.phoneNumberId, this.receivedAt);
    if (!message) return this.giveUp(origin, `${path}.from`, 'a phone number or user id', raw);
    const move = readMove(raw, message, message.providerTimestamp);
    if (!move) return void this.messages.push(message);
    const { from, to } = move;
    this.messages.push({ ...message, ...to, phone: to.phone ?? from.phone, formerly: from });
    this.note(origin, move);
  }

  private readStatus(raw: unknown, path: string, origin: OriginWithNumber): void {
    const status = readStatus(raw, origin.phoneNumberId, this.receivedAt);
    if (status === null) return this.giveUp(origin, path, 'a status with id and status', raw);
    if (typeof status === 'string') this.note(origin, { kind: 'ignored', field: `statuses.${status}` });
    else this.statuses.push(status);
  }

  private readEchoes(value: JsonRecord, path: string, origin: Origin): void {
    for (const [raw, at] of this.items(value.message_echoes, `${path}.message_echoes`, origin, true)) {
      const echo = isRecord(raw) ? readEcho(raw, this.receivedAt) : null;
      if (echo) this.note(origin, echo);
      else this.giveUp(origin, at, 'a message with a recipient', raw);
    }
  }

  private readPreferences(value: JsonRecord, path: string, origin: Origin): void {
    for (const [raw, at] of this.items(value.user_preferences, `${path}.user_preferences`, origin, true)) {
      const { data } = preferenceSchema.safeParse(raw);
      const person = data && toPerson([data.user_id, data.wa_id]);
      if (!person) {
        this.giveUp(origin, at, 'a preference of a person', raw);
        continue;
      }
      const wantsMarketing = data.value === 'resume';
      this.note(origin, { kind: 'preference', person, wantsMarketing, at: data.timestamp ?? this.receivedAt });
    }
  }

  /** Each item with its path; an absent list is empty unless it is what the change is about. */
  private items(list: unknown, path: string, origin: Origin, isRequired = false): [item: unknown, path: string][] {
    if (Array.isArray(list)) return list.map((item: unknown, index) => [item, `${path}[${index}]`]);
    if (isRequired || (list !== undefined && list !== null)) this.giveUp(origin, path, 'an array', list);
    return [];
  }

  private giveUp(origin: Origin, path: string, expected: string, raw: unknown): void {
    this.firstProblem ??= new MalformedWebhookError(path, expected);
    this.note(origin, { kind: 'unreadable', path, raw: excerpt(raw) });
  }

  private note(origin: Origin, notice: WithoutOrigin<AccountNotice>): void {
    this.notices.push({ ...origin, ...notice });
  }
}

/** Distributes over the union, which `Omit` alone does not. */
type WithoutOrigin<N> = N extends AccountNotice ? Omit<N, keyof Origin> : never;

const preferenceSchema = z.object({
  wa_id: optionalId,
  user_id: optionalId,
  value: z.enum(['stop', 'resume']),
  timestamp: timeField,
});

function phoneNumberIdOf(value: unknown): string | null {
  const metadata = isRecord(value) ? value.metadata : undefined;
  return isRecord(metadata) ? (idField.safeParse(metadata.phone_number_id).data ?? null) : null;
}
