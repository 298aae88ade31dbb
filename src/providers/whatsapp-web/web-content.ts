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
  tagged,
} from '../reading/inbound-content.js';
import {
  filledField,
  idField,
  isRecord,
  latitudeField,
  longitudeField,
  optionalFlag,
  optionalId,
  optionalText,
  textField,
  type JsonRecord,
} from '../reading/webhook-reading.js';

/** Beside the content in `message`, and none of it (reference 4.4). */
const NO_CONTENT = new Set(['messageContextInfo', 'base64', 'mediaUrl', 'senderKeyDistributionMessage']);
const HOUSEKEEPING = new Set([
  'pinInChatMessage',
  'keepInChatMessage',
  'messageHistoryBundle',
  'messageHistoryNotice',
  // The pictures of an album follow as messages of their own.
  'albumMessage',
  // Only the apps can decrypt these.
  'secretEncryptedMessage',
  'encReactionMessage',
]);
const MAX_WRAPPERS = 6;

/** Whether it is the apps that speak with each other, and nobody said anything. */
export function isHousekeeping(message: JsonRecord): boolean {
  const kinds = Object.keys(message).filter((key) => !NO_CONTENT.has(key));
  return kinds.length > 0 && kinds.every((kind) => HOUSEKEEPING.has(kind));
}

/**
 * The content of one `data` of `messages.upsert` (reference 4.4). The texts are the customer's own words where there are
 * any; other types begin with a tag such as `[image]`. Whatever cannot be read comes as `unsupported`; what has no
 * content yet, because it could not be decrypted, as a placeholder.
 *
 * @param id of the message: its file is fetched by it
 */
export function readContent(data: JsonRecord, id: string): InboundContent {
  const found = findContent(data.message, data.messageType);
  if (!found) return { type: 'unsupported', text: '[unsupported]', isPlaceholder: true };
  const read = Object.hasOwn(READERS, found.type) ? READERS[found.type] : undefined;
  const content = read?.(found.value, id) ?? unsupported(found.type);
  const contexts = [data.contextInfo, isRecord(found.value) ? found.value.contextInfo : undefined].filter(isRecord);
  const aboutId = content.aboutId ?? contexts.map(quotedId).find((quoted) => quoted !== undefined);
  const referral = contexts.map(readReferral).find((ad) => ad !== undefined);
  return { ...content, ...(aboutId && { aboutId }), ...(referral && { referral }) };
}

/** The content of `editedMessage`, which is a message of its own or holds one. */
export function readEdited(change: JsonRecord, originalId: string): InboundContent {
  const message = isRecord(change.message) ? change.message : change;
  return edited(readContent({ message }, originalId), originalId);
}

/** By `messageType` first, because metadata stands beside the content; out of whatever wraps it. */
function findContent(message: unknown, messageType: unknown): { type: string; value: unknown } | null {
  let current = message;
  let type = typeof messageType === 'string' ? messageType : '';
  for (let depth = 0; depth < MAX_WRAPPERS && isRecord(current); depth++) {
    const record: JsonRecord = current;
    const key = [type, ...Object.keys(record)].find((name) => Object.hasOwn(record, name) && !NO_CONTENT.has(name));
    if (key === undefined) return null;
    const value = record[key];
    if (!isRecord(value) || !isRecord(value.message)) return { type: key, value };
    current = value.message;
    type = '';
  }
  return null;
}

function unsupported(type: string): InboundContent {
  return { type: 'unsupported', text: `[unsupported] ${toStorableText(type, 100)}` };
}

type Reader = (value: unknown, id: string) => InboundContent | null;

/** Binary fields come as base64 or, from 2.3, as objects of numbered bytes. */
const digestField = z
  .union([
    z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
    z.record(z.string(), z.int().min(0).max(255)).transform((bytes) => {
      const buffer = Buffer.from(Object.values(bytes));
      return buffer.length === 32 ? buffer.toString('base64') : undefined;
    }),
  ])
  .optional()
  .catch(undefined);

const mediaSchema = z.object({
  mimetype: filledField.catch('application/octet-stream'),
  fileSha256: digestField,
  caption: optionalText,
  fileName: optionalText,
  title: optionalText,
  ptt: optionalFlag,
});

function mediaReader(type: 'image' | 'video' | 'audio' | 'document' | 'sticker'): Reader {
  return (value, id) => {
    const { data } = mediaSchema.safeParse(value);
    if (!data) return null;
    const isVoice = type === 'audio' && data.ptt === true;
    const filename = type === 'document' ? (data.fileName ?? data.title) : undefined;
    const { fileSha256: sha256, caption, mimetype: mimeType } = data;
    return file(type, { id, mimeType, sha256, caption, filename }, { isVoice });
  };
}

const locationSchema = z.object({
  degreesLatitude: latitudeField,
  degreesLongitude: longitudeField,
  name: optionalText,
  address: optionalText,
});

const readLocation = reader(locationSchema, ({ degreesLatitude: latitude, degreesLongitude: longitude, ...rest }) =>
  place({ latitude, longitude, ...rest }),
);

const contactSchema = z.object({ displayName: optionalText, vcard: optionalText });

function toCard({ displayName, vcard = '' }: z.output<typeof contactSchema>): (string | undefined)[] {
  const phones = [...vcard.matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.+)$/gim)].map(([, phone = '']) => phone.trim());
  return [displayName, ...phones];
}

const flowReplySchema = z.object({
  body: z.object({ text: optionalText }).optional().catch(undefined),
  nativeFlowResponseMessage: z.object({ name: optionalText, paramsJson: optionalText }),
});

/** A tapped button tells its id in JSON; anything else in there is the answer to a form. */
function fromFlowReply({ body, nativeFlowResponseMessage: reply }: z.output<typeof flowReplySchema>): InboundContent {
  const params = readForm(reply.paramsJson ?? '');
  const { id } = params;
  if (typeof id === 'string' && id !== '') return choice(id, body?.text);
  return { type: 'form', text: tagged('form', body?.text || reply.name), form: params };
}

const cartSchema = z.object({
  orderTitle: optionalText,
  message: optionalText,
  itemCount: z.coerce.number().optional().catch(undefined),
  totalAmount1000: z
    .union([
      z.number(),
      z.string(),
      z.object({ low: z.number(), high: z.number() }).transform(({ low, high }) => high * 2 ** 32 + (low >>> 0)),
    ])
    .optional()
    .catch(undefined),
  totalCurrencyCode: optionalText,
});

/** What a cart says of itself; its lines stand only in the catalogue. Amounts come in thousandths. */
function fromCart(cart: z.output<typeof cartSchema>): InboundContent {
  const { itemCount, totalAmount1000: total } = cart;
  const count = itemCount === undefined ? undefined : `${itemCount} ×`;
  return {
    type: 'order',
    text: tagged('order', count, cart.orderTitle, inMoney(total, cart.totalCurrencyCode), cart.message),
  };
}

function inMoney(thousandths: number | string | undefined, currency: string | undefined): string | undefined {
  const amount = Number(thousandths) / 1000;
  return thousandths === undefined || Number.isNaN(amount)
    ? undefined
    : `${amount.toFixed(2)} ${currency ?? ''}`.trim();
}

const productSchema = z.object({
  product: z.object({ title: optionalText, retailerId: optionalText }),
  body: optionalText,
});

const READERS: Readonly<Record<string, Reader>> = {
  conversation: reader(textField, (text) => ({ type: 'text', text: text || '[empty]' })),
  extendedTextMessage: reader(z.object({ text: textField }), ({ text }) => ({ type: 'text', text: text || '[empty]' })),
  imageMessage: mediaReader('image'),
  videoMessage: mediaReader('video'),
  ptvMessage: mediaReader('video'),
  audioMessage: mediaReader('audio'),
  documentMessage: mediaReader('document'),
  stickerMessage: mediaReader('sticker'),
  locationMessage: readLocation,
  liveLocationMessage: readLocation,
  contactMessage: reader(contactSchema, (card) => contacts([toCard(card)])),
  contactsArrayMessage: reader(z.object({ contacts: z.array(contactSchema).min(1) }), (list) =>
    contacts(list.contacts.map(toCard)),
  ),
  reactionMessage: reader(z.object({ key: z.object({ id: idField }), text: optionalText }), ({ key, text }) =>
    reaction(key.id, text),
  ),
  buttonsResponseMessage: reader(
    z.object({ selectedButtonId: filledField, selectedDisplayText: optionalText }),
    (reply) => choice(reply.selectedButtonId, reply.selectedDisplayText),
  ),
  templateButtonReplyMessage: reader(
    z.object({ selectedId: filledField, selectedDisplayText: optionalText }),
    (reply) => choice(reply.selectedId, reply.selectedDisplayText),
  ),
  listResponseMessage: reader(
    z.object({ title: optionalText, singleSelectReply: z.object({ selectedRowId: filledField }) }),
    (reply) => choice(reply.singleSelectReply.selectedRowId, reply.title),
  ),
  interactiveResponseMessage: reader(flowReplySchema, fromFlowReply),
  orderMessage: reader(cartSchema, fromCart),
  productMessage: reader(productSchema, ({ product, body }) => ({
    type: 'text',
    text: tagged('product', product.title, product.retailerId && `(${product.retailerId})`, body),
  })),
  pollUpdateMessage: reader(z.object({ pollCreationMessageKey: z.object({ id: optionalId }) }), (vote) => ({
    type: 'system',
    text: '[vote in a poll]',
    aboutId: vote.pollCreationMessageKey.id,
  })),
};

function quotedId(context: JsonRecord): string | undefined {
  return optionalId.parse(context.stanzaId);
}

const adSchema = z.object({
  sourceUrl: optionalText,
  sourceId: optionalText,
  sourceType: optionalText,
  title: optionalText,
  body: optionalText,
  ctwaClid: optionalText,
});

/** The ad a customer came by, in the words Meta's own API uses for it. */
function readReferral({ externalAdReply }: JsonRecord): Readonly<Record<string, string>> | undefined {
  const { data: ad } = adSchema.safeParse(externalAdReply);
  if (!ad) return undefined;
  const fields = {
    source_url: ad.sourceUrl,
    source_id: ad.sourceId,
    source_type: ad.sourceType,
    headline: ad.title,
    body: ad.body,
    ctwa_clid: ad.ctwaClid,
  };
  const told = Object.entries(fields).filter((field): field is [string, string] => Boolean(field[1]));
  return told.length > 0 ? Object.fromEntries(told) : undefined;
}
