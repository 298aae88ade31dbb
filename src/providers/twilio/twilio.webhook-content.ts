import type { InboundContent } from '../../messages/message-content.js';
import { toStorableText } from '../../messages/storable.js';
import { choice, file, place, tagged } from '../reading/inbound-content.js';
import { latitudeField, longitudeField } from '../reading/webhook-reading.js';

/** The fields of one POST by their names; any may be missing, and new ones come without notice (reference 3.4). */
export type TwilioFields = ReadonlyMap<string, string>;

type Media = 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'contacts';
type Kind = 'text' | 'location' | 'choice' | Media;

const KINDS: Readonly<Record<string, Kind | undefined>> = {
  text: 'text',
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
  sticker: 'sticker',
  contacts: 'contacts',
  location: 'location',
  button: 'choice',
  list: 'choice',
  interactive: 'choice',
};

/**
 * One message's content (reference 3.4). The texts are the customer's own words where there are any; other types begin
 * with a tag such as `[image]`, the same in every language. What cannot be read comes as `unsupported`.
 */
export function readContent(fields: TwilioFields): InboundContent {
  const content = readKind(kindOf(fields), fields) ?? unsupported(fields);
  const aboutId = text(fields, 'OriginalRepliedMessageSid');
  const referral = referralOf(fields);
  return { ...content, ...(aboutId && { aboutId }), ...(referral && { referral }) };
}

/** Older bodies have no `MessageType`; then what else is there tells. */
function kindOf(fields: TwilioFields): Kind | undefined {
  const type = fields.get('MessageType')?.toLowerCase();
  if (type) return Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (fields.has('Latitude')) return 'location';
  if (['ButtonText', 'ButtonPayload', 'ListId', 'ListTitle'].some((name) => fields.get(name))) return 'choice';
  return Number(fields.get('NumMedia') ?? 0) > 0 ? kindOfMedia(fields.get('MediaContentType0') ?? '') : 'text';
}

function kindOfMedia(mimeType: string): Media {
  if (mimeType.startsWith('image/webp')) return 'sticker';
  if (/^text\/(x-)?vcard/.test(mimeType)) return 'contacts';
  const family = /^(image|video|audio)\//.exec(mimeType)?.[1];
  return (family as 'image' | 'video' | 'audio' | undefined) ?? 'document';
}

function readKind(kind: Kind | undefined, fields: TwilioFields): InboundContent | null {
  switch (kind) {
    case undefined:
      return null;
    case 'text':
      return { type: 'text', text: text(fields, 'Body') || '[empty]' };
    case 'location':
      return readLocation(fields);
    case 'choice':
      return readChoice(fields);
    default:
      return readMedia(kind, fields);
  }
}

/** Buttons and lists name what was tapped differently, and some accounts send a list's choice as a button's. */
function readChoice(fields: TwilioFields): InboundContent | null {
  const id = text(fields, 'ButtonPayload') || text(fields, 'ListId');
  const title = text(fields, 'ButtonText') || text(fields, 'ListTitle') || text(fields, 'Body');
  if (!id && !text(fields, 'ButtonText') && !text(fields, 'ListTitle')) return null;
  return choice(id || title, title);
}

function readLocation(fields: TwilioFields): InboundContent | null {
  const latitude = latitudeField.safeParse(fields.get('Latitude')).data;
  const longitude = longitudeField.safeParse(fields.get('Longitude')).data;
  if (latitude === undefined || longitude === undefined) return null;
  return place({ latitude, longitude, name: text(fields, 'Label'), address: text(fields, 'Address') });
}

/** The media's id is its address at Twilio; `Body` is a document's name and a picture's caption. */
function readMedia(kind: Media, fields: TwilioFields): InboundContent | null {
  const url = text(fields, 'MediaUrl0');
  if (!url) return null;
  const mimeType = text(fields, 'MediaContentType0') || 'application/octet-stream';
  const body = text(fields, 'Body') || undefined;
  const isVoice = kind === 'audio' && mimeType.startsWith('audio/ogg');
  const named = kind === 'document' ? { filename: body } : { caption: body };
  const others = Number(fields.get('NumMedia') ?? 1) - 1;
  const note = others > 0 ? `(+${others})` : undefined;
  return file(kind, { id: url, mimeType, ...(body && named) }, { isVoice, note });
}

/** Kept with all that is readable in it. */
function unsupported(fields: TwilioFields): InboundContent {
  const parts = [text(fields, 'MessageType'), text(fields, 'Body')].filter(Boolean);
  return { type: 'unsupported', text: tagged('unsupported', parts.join(': ')) };
}

/** `ReferralSourceUrl` becomes `source_url`, the name Meta itself has for it. */
function referralOf(fields: TwilioFields): Readonly<Record<string, string>> | undefined {
  const entries = [...fields]
    .filter(([name, value]) => /^Referral[A-Z]\w*$/.test(name) && name !== 'ReferralNumMedia' && value !== '')
    .map(([name, value]) => [
      name
        .slice('Referral'.length)
        .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
        .toLowerCase(),
      toStorableText(value),
    ]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function text(fields: TwilioFields, name: string): string {
  return toStorableText(fields.get(name) ?? '');
}
