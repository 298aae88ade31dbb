import type { OutboundContent } from '../../messages/message-content.js';
import { renderDown } from '../rendering/render-down.js';
import type { OutboundMessage } from '../whatsapp-provider.js';
import { EVOLUTION_CAPABILITIES } from './evolution.capabilities.js';
import { toEvolutionNumber } from './evolution.address.js';

/** `POST /message/<operation>/{instance}`. */
export type EvolutionRequest = { readonly operation: string; readonly body: Readonly<Record<string, unknown>> };

/** Why there is no request: nobody to send to, or a kind this connection cannot send. */
export type NotRenderable = 'NO_ADDRESS' | 'TEMPLATE_UNSUPPORTED' | 'WRONG_MESSAGE_ID';

/** @param source the file that goes along, as an address or in base64, where the content does not have it */
export function renderEvolution(
  { to, content, file }: OutboundMessage,
  source?: string,
): EvolutionRequest | NotRenderable {
  const number = toEvolutionNumber(to.address) ?? (to.phone === null ? null : toEvolutionNumber(to.phone));
  if (number === null) return 'NO_ADDRESS';
  if (content.kind === 'template') return 'TEMPLATE_UNSUPPORTED';
  if (content.kind === 'reaction') return renderReaction(content, number);
  const { operation, body } = renderContent(withName(content, file), source);
  const typed = operation === 'sendMedia' && file ? { mimetype: file.mimeType } : {};
  return { operation, body: { number, ...quotedBy(content), ...body, ...typed } };
}

/**
 * The customer sees a document by its name, and Evolution takes its type from it. One in base64 must have a name
 * (reference 4.3), so it has at least that of the upload or of the link.
 */
function withName(content: Spoken, file: OutboundMessage['file']): Spoken {
  if (content.kind !== 'media' || content.media !== 'document' || content.filename) return content;
  return { ...content, filename: file?.filename ?? nameOfLink(content.url) ?? 'file' };
}

function nameOfLink(url: string | undefined): string | undefined {
  const last = URL.parse(url ?? '')
    ?.pathname.split('/')
    .at(-1);
  try {
    return decodeURIComponent(last ?? '') || undefined;
  } catch {
    // A percent sign that encodes nothing.
    return last;
  }
}

type Spoken = Exclude<OutboundContent, { kind: 'template' | 'reaction' }>;

/** Ids of linked devices are hexadecimal; another provider's would make Evolution look for a message in vain. */
function isLinkedId(id: string): boolean {
  return /^[0-9A-Fa-f]{10,64}$/.test(id);
}

function quotedBy({ quotes }: Spoken): object {
  return quotes && isLinkedId(quotes) ? { quoted: { key: { id: quotes } } } : {};
}

/** The whole key, because a reaction is about a message that Evolution may not have stored. */
function renderReaction(
  { aboutId: id, emoji: reaction, isAboutOurs: fromMe = false }: Extract<OutboundContent, { kind: 'reaction' }>,
  number: string,
): EvolutionRequest | NotRenderable {
  if (!isLinkedId(id)) return 'WRONG_MESSAGE_ID';
  const remoteJid = number.includes('@') ? number : `${number}@s.whatsapp.net`;
  return { operation: 'sendReaction', body: { key: { id, remoteJid, fromMe }, reaction } };
}

function renderContent(content: Spoken, source?: string): EvolutionRequest {
  switch (content.kind) {
    case 'text':
      return renderText(content.text);
    case 'media':
      return renderMedia(content, source);
    case 'location':
      return { operation: 'sendLocation', body: renderLocation(content) };
    case 'contact':
      return {
        operation: 'sendContact',
        body: { contact: [{ fullName: content.name, phoneNumber: content.phone, wuid: content.phone.slice(1) }] },
      };
    default: {
      const shown = renderDown(content, EVOLUTION_CAPABILITIES);
      return renderText(shown.kind === 'text' ? shown.text : content.text);
    }
  }
}

function renderText(text: string): EvolutionRequest {
  return { operation: 'sendText', body: { text, linkPreview: /https?:\/\//i.test(text) } };
}

/** Audio takes no caption, and only a document shows a file name. */
function renderMedia(content: Extract<OutboundContent, { kind: 'media' }>, source?: string): EvolutionRequest {
  const { media: mediatype, url: media = source, caption, filename: fileName } = content;
  if (mediatype === 'sticker') return { operation: 'sendSticker', body: { sticker: media } };
  if (mediatype === 'audio') return { operation: 'sendMedia', body: { mediatype, media } };
  return {
    operation: 'sendMedia',
    body: { mediatype, media, caption, ...(mediatype === 'document' && { fileName }) },
  };
}

/** Name and address are required there and optional here. */
function renderLocation(content: Extract<OutboundContent, { kind: 'location' }>): Record<string, unknown> {
  const { latitude, longitude, name, address } = content;
  const place = `${latitude}, ${longitude}`;
  return { latitude, longitude, name: name || address || place, address: address || name || place };
}
