import { z } from 'zod';
import type { InboundContent, InboundMedia } from '../../messages/message-content.js';
import { storable } from '../../messages/storable-text.js';
import {
  filledField,
  idField,
  isRecord,
  numberField,
  optionalFlag,
  optionalId,
  optionalText,
  storableJson,
  textField,
  type JsonRecord,
} from '../reading/webhook-reading.js';
import { readOrder } from './official.webhook-order.js';
import { errorsField, titleOf } from './official.reading.js';

const referralField = z.record(z.string(), z.unknown()).optional().catch(undefined);
const contextField = z.object({ id: optionalId }).optional().catch(undefined);
const aroundSchema = z.object({ type: optionalText, context: contextField, referral: referralField });

/**
 * One message's content (reference 2.4). The texts are the customer's own words where there are any; other types begin
 * with a tag such as `[image]`, the same in every language. Whatever cannot be read comes as `unsupported`.
 */
export function readContent(message: JsonRecord): InboundContent {
  const around = aroundSchema.safeParse(message).data;
  const type = around?.type ?? '';
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  const content = read?.(message) ?? unsupported(message);
  const aboutId = content.aboutId ?? around?.context?.id;
  const referral = around?.referral && flatten(around.referral);
  return { ...content, ...(aboutId && { aboutId }), ...(referral && { referral }) };
}

/** Kept with all that is readable in it: Meta's reason, or the text some unsupported types carry beside. */
export function unsupported(message: JsonRecord): InboundContent {
  const { data } = unsupportedSchema.safeParse(message);
  const error = data?.errors?.[0];
  const what = data?.unsupported?.type ?? data?.type;
  const name = what === 'unsupported' ? undefined : what;
  const parts = [name, data?.text?.body, error && titleOf(error)].filter(Boolean);
  return { type: 'unsupported', text: ['[unsupported]', parts.join(': ')].filter(Boolean).join(' ') };
}

const unsupportedSchema = z.object({
  type: optionalText,
  text: z.object({ body: optionalText }).optional().catch(undefined),
  unsupported: z.object({ type: optionalText }).optional().catch(undefined),
  errors: errorsField,
});

type Reader = (message: JsonRecord) => InboundContent | null;

/** A reader that knows one shape; any other shape under that type is null. */
function reader<T extends z.ZodType>(schema: T, toContent: (value: z.output<T>) => InboundContent): Reader {
  return (message) => {
    const result = schema.safeParse(message);
    return result.success ? toContent(result.data) : null;
  };
}

const mediaSchema = z.object({
  id: idField,
  mime_type: filledField.catch('application/octet-stream'),
  sha256: optionalText,
  caption: optionalText,
  filename: optionalText,
  voice: optionalFlag,
});

function mediaReader(type: 'image' | 'video' | 'audio' | 'document' | 'sticker', key: string = type): Reader {
  return (message) => {
    const { data } = mediaSchema.safeParse(message[key]);
    if (!data) return null;
    const isVoice = type === 'audio' && (data.voice === true || key === 'voice');
    const { id, sha256, caption, filename } = data;
    const media: InboundMedia = {
      id,
      mimeType: data.mime_type,
      sha256,
      caption,
      filename,
      ...(isVoice && { isVoice }),
    };
    return { type, text: tagged(isVoice ? 'voice' : type, filename, caption), media };
  };
}

const replySchema = z.object({ id: filledField, title: textField });
const interactiveSchema = z.object({
  interactive: z.discriminatedUnion('type', [
    z.object({ type: z.literal('button_reply'), button_reply: replySchema }),
    z.object({ type: z.literal('list_reply'), list_reply: replySchema }),
    z.object({
      type: z.literal('nfm_reply'),
      nfm_reply: z.object({ name: optionalText, body: optionalText, response_json: optionalText }),
    }),
  ]),
});

function fromInteractive({ interactive }: z.output<typeof interactiveSchema>): InboundContent {
  switch (interactive.type) {
    case 'button_reply':
      return choice(interactive.button_reply.id, interactive.button_reply.title);
    case 'list_reply':
      return choice(interactive.list_reply.id, interactive.list_reply.title);
    default: {
      const { name, body, response_json: response } = interactive.nfm_reply;
      return { type: 'form', text: tagged('form', body ?? name), form: readForm(response ?? '') };
    }
  }
}

function choice(choiceId: string, title: string): InboundContent {
  return { type: 'choice', text: title || choiceId, choiceId };
}

/** A JSON string that may fail to be an object, or to be JSON: then the answer is kept under `response`. */
function readForm(response: string): Readonly<Record<string, unknown>> {
  try {
    const value = storableJson(JSON.parse(response));
    return isRecord(value) ? value : { response: value };
  } catch {
    return { response };
  }
}

const contactsSchema = z.object({
  contacts: z
    .array(
      z.object({
        name: z.object({ formatted_name: optionalText, first_name: optionalText }).optional().catch(undefined),
        phones: z
          .array(z.object({ phone: optionalText, wa_id: optionalText }))
          .optional()
          .catch(undefined),
      }),
    )
    .min(1),
});

const locationSchema = z.object({
  location: z.object({
    latitude: numberField.pipe(z.number().min(-90).max(90)),
    longitude: numberField.pipe(z.number().min(-180).max(180)),
    name: optionalText,
    address: optionalText,
  }),
});

const aboutSchema = z.object({ message_id: idField, emoji: optionalText });
const editSchema = z.object({
  edit: z.object({ original_message_id: idField, message: z.record(z.string(), z.unknown()) }),
});
const revokeSchema = z.object({ revoke: z.object({ original_message_id: idField }) });

const READERS: Readonly<Record<string, Reader>> = {
  text: reader(z.object({ text: z.object({ body: textField }) }), ({ text }) => ({
    type: 'text',
    text: text.body || '[empty]',
  })),
  image: mediaReader('image'),
  video: mediaReader('video'),
  audio: mediaReader('audio'),
  voice: mediaReader('audio', 'voice'),
  document: mediaReader('document'),
  sticker: mediaReader('sticker'),
  location: reader(locationSchema, ({ location: { latitude, longitude, name, address } }) => ({
    type: 'location',
    text: tagged('location', name, address, `${latitude}, ${longitude}`),
    location: { latitude, longitude, name: name ?? address },
  })),
  contacts: reader(contactsSchema, ({ contacts }) => ({
    type: 'contacts',
    text: tagged(
      'contact',
      contacts
        .map(({ name, phones }) => [
          name?.formatted_name ?? name?.first_name,
          ...(phones ?? []).map((p) => p.phone ?? p.wa_id),
        ])
        .map((parts) => parts.filter(Boolean).join(' '))
        .join('; '),
    ),
  })),
  reaction: reader(z.object({ reaction: aboutSchema }), ({ reaction: { message_id: aboutId, emoji } }) => ({
    type: 'reaction',
    text: emoji ? `[reaction] ${emoji}` : '[reaction removed]',
    aboutId,
  })),
  interactive: reader(interactiveSchema, fromInteractive),
  button: reader(z.object({ button: z.object({ text: textField, payload: filledField }) }), ({ button }) =>
    choice(button.payload, button.text),
  ),
  order: readOrder,
  system: reader(z.object({ system: z.object({ body: optionalText, type: optionalText }) }), ({ system }) => ({
    type: 'system',
    text: tagged('system', system.body ?? system.type),
  })),
  edit: reader(editSchema, ({ edit }) => {
    // An edit of an edit does not exist, and would recurse without end.
    const edited = edit.message.type === 'edit' ? unsupported(edit.message) : readContent(edit.message);
    return { ...edited, type: 'edit', text: `[edit] ${edited.text}`, aboutId: edit.original_message_id };
  }),
  revoke: reader(revokeSchema, ({ revoke }) => ({
    type: 'revoke',
    text: '[deleted]',
    aboutId: revoke.original_message_id,
  })),
};

function tagged(tag: string, ...parts: (string | undefined)[]): string {
  return [`[${tag}]`, ...parts].filter(Boolean).join(' ');
}

function flatten(record: JsonRecord): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(record)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([key, value]) => [storable(key), storable(String(value))]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
