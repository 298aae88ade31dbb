import type { Readable } from 'node:stream';
import type { OutboundContent } from '../../messages/message-content.js';
import { renderDown } from '../rendering/render-down.js';
import type { OutboundFile } from '../whatsapp-provider.js';
import { BAILEYS_CAPABILITIES } from './baileys.capabilities.js';

type Media = Extract<OutboundContent, { kind: 'media' }>;
export type Sendable = Exclude<OutboundContent, { kind: 'template' }>;

/** Content as `sendMessage` takes it (reference 5.5). @param file the bytes of a media message */
export function renderLinked(content: Sendable, jid: string, bytes: Readable | null, file?: OutboundFile): object {
  switch (content.kind) {
    case 'text':
      return renderText(content.text);
    case 'media':
      return renderMedia(content, bytes, file);
    case 'location':
      return { location: renderLocation(content) };
    case 'contact':
      return {
        contacts: { displayName: content.name, contacts: [{ displayName: content.name, vcard: vcardOf(content) }] },
      };
    case 'reaction': {
      const key = { remoteJid: jid, fromMe: content.isAboutOurs ?? false, id: content.aboutId };
      return { react: { text: content.emoji, key } };
    }
    default: {
      const shown = renderDown(content, BAILEYS_CAPABILITIES);
      return renderText(shown.kind === 'text' ? shown.text : content.text);
    }
  }
}

/** A preview would make this machine fetch whatever address is in the text. */
function renderText(text: string): object {
  return { text, linkPreview: null };
}

const TYPES = { image: 'image/jpeg', video: 'video/mp4', audio: 'audio/mpeg', sticker: 'image/webp' } as const;

function renderMedia({ media, caption, filename }: Media, stream: Readable | null, file?: OutboundFile): object {
  const mimetype = file?.mimeType ?? (media === 'document' ? 'application/octet-stream' : TYPES[media]);
  const upload = { [media]: { stream }, mimetype };
  switch (media) {
    case 'document':
      return { ...upload, fileName: filename ?? file?.filename ?? 'file', caption };
    case 'audio':
      // Ogg is what a phone records and shows as a voice note; nothing is converted.
      return { ...upload, ptt: mimetype.startsWith('audio/ogg') };
    case 'sticker':
      return { sticker: { stream } };
    default:
      return { ...upload, caption };
  }
}

function renderLocation({
  latitude,
  longitude,
  name,
  address,
}: Extract<OutboundContent, { kind: 'location' }>): object {
  return { degreesLatitude: latitude, degreesLongitude: longitude, name, address };
}

/** vCard 3.0 (RFC 2426); `waid` lets the phone offer a chat. */
function vcardOf({ name, phone }: Extract<OutboundContent, { kind: 'contact' }>): string {
  const escaped = name.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\s+/g, ' ');
  const tel = `TEL;type=CELL;type=VOICE;waid=${phone.slice(1)}:${phone}`;
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${escaped};;;`, `FN:${escaped}`, tel, 'END:VCARD'].join('\n');
}
