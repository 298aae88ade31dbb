import type { MediaKind } from '../messages/message-content.js';

type Signature = (head: Buffer) => boolean;

const starts =
  (...bytes: readonly number[]): Signature =>
  (head) =>
    bytes.every((byte, at) => head[at] === byte);
const says =
  (text: string, at = 0): Signature =>
  (head) =>
    head.toString('latin1', at, at + text.length) === text;
const either =
  (...signatures: readonly Signature[]): Signature =>
  (head) =>
    signatures.some((matches) => matches(head));

const isZip = starts(0x50, 0x4b, 0x03, 0x04);
/** Word, Excel and PowerPoint before 2007. */
const isOle = starts(0xd0, 0xcf, 0x11, 0xe0);
const isMp4 = says('ftyp', 4);
/** A frame of MPEG audio, or its tag before it. */
const isMpegAudio = either(says('ID3'), (head) => head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0);
/** No NUL and no markup a browser would run, whatever the name says. */
const isPlainText: Signature = (head) =>
  !head.includes(0) && !/^\s*<(!doctype|html|script|svg|\?xml)/i.test(String(head));

const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** What may be uploaded, and how such a file begins: the name a caller gives it proves nothing. */
const UPLOADS: Readonly<Record<string, Signature>> = {
  'image/jpeg': starts(0xff, 0xd8, 0xff),
  'image/png': starts(0x89, 0x50, 0x4e, 0x47),
  'image/webp': (head) => says('RIFF')(head) && says('WEBP', 8)(head),
  'video/mp4': isMp4,
  'video/3gpp': isMp4,
  'audio/ogg': says('OggS'),
  'audio/mpeg': isMpegAudio,
  'audio/mp4': isMp4,
  'audio/aac': isMpegAudio,
  'audio/amr': says('#!AMR'),
  'application/pdf': says('%PDF-'),
  'application/msword': isOle,
  'application/vnd.ms-excel': isOle,
  'application/vnd.ms-powerpoint': isOle,
  [`${OFFICE}.wordprocessingml.document`]: isZip,
  [`${OFFICE}.spreadsheetml.sheet`]: isZip,
  [`${OFFICE}.presentationml.presentation`]: isZip,
  'text/plain': isPlainText,
  'text/csv': isPlainText,
  'text/vcard': says('BEGIN:VCARD'),
};

/** Bytes needed to recognise a file. */
export const HEAD_BYTES = 512;
export const UPLOAD_TYPES = Object.keys(UPLOADS);

/** `Audio/OGG; codecs=opus` → `audio/ogg`. */
export function bareType(mimeType: string): string {
  return mimeType.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Why a file of this name and beginning is not taken; null when it is. */
export function refusalOf(mimeType: string, head: Buffer): string | null {
  const matches = Object.hasOwn(UPLOADS, mimeType) ? UPLOADS[mimeType] : undefined;
  if (!matches) return `Files of the type ${mimeType.slice(0, 100)} are not taken`;
  return matches(head) ? null : `The file is no ${mimeType}`;
}

/** What a browser may show by itself; anything else is handed over as a file to save, under no type it would run. */
export function isShownInline(mimeType: string): boolean {
  return /^(image\/(jpeg|png|webp|gif)|video\/(mp4|3gpp|webm)|audio\/(ogg|mpeg|mp4|aac|amr))$/.test(mimeType);
}

/** How WhatsApp sends a file of this type, when nobody says otherwise. */
export function kindOfType(mimeType: string): MediaKind {
  const family = /^(image|video|audio)\//.exec(mimeType)?.[1];
  return mimeType === 'image/webp' ? 'sticker' : ((family as 'image' | 'video' | 'audio' | undefined) ?? 'document');
}
