import { z } from 'zod';
import type { InboundContent } from '../../messages/message-content.js';
import { toStorableText } from '../../messages/storable.js';
import {
  choice,
  contacts,
  edited,
  file,
  place,
  reaction,
  reader,
  readForm,
  revoked,
  tagged,
} from '../reading/inbound-content.js';
import {
  filledField,
  idField,
  latitudeField,
  longitudeField,
  optionalFlag,
  optionalId,
  optionalText,
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
    return file(type, { id, mimeType: data.mime_type, sha256, caption, filename }, { isVoice });
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
    latitude: latitudeField,
    longitude: longitudeField,
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
  location: reader(locationSchema, ({ location }) => place(location)),
  contacts: reader(contactsSchema, (message) =>
    contacts(
      message.contacts.map(({ name, phones = [] }) => [
        name?.formatted_name ?? name?.first_name,
        ...phones.map(({ phone, wa_id }) => phone ?? wa_id),
      ]),
    ),
  ),
  reaction: reader(z.object({ reaction: aboutSchema }), (message) =>
    reaction(message.reaction.message_id, message.reaction.emoji),
  ),
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
    const content = edit.message.type === 'edit' ? unsupported(edit.message) : readContent(edit.message);
    return edited(content, edit.original_message_id);
  }),
  revoke: reader(revokeSchema, ({ revoke }) => revoked(revoke.original_message_id)),
};

function flatten(record: JsonRecord): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(record)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([key, value]) => [toStorableText(key), toStorableText(String(value))]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
