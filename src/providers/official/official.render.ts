import type { ChoiceOption, OutboundContent } from '../../messages/message-content.js';
import { cutText } from '../rendering/cut-text.js';
import { renderDown } from '../rendering/render-down.js';
import { OFFICIAL_CAPABILITIES } from './official.capabilities.js';
import type { OutboundMessage, Recipient } from '../whatsapp-provider.js';
import { renderTemplate } from './official.template.js';
import { isBsuid, toE164 } from '../reading/whatsapp-address.js';

export type GraphMessage = Readonly<Record<string, unknown>> & { readonly type: string };

const BUTTON_TITLE = 20;
const BUTTONS_BODY = 1024;
const ROW_TITLE = 24;
const ROW_DESCRIPTION = 72;
const DEFAULT_LIST_BUTTON = 'Menu';

/**
 * The body of `POST /{phone-number-id}/messages`; null when the recipient has no address Meta knows.
 *
 * @param uploadId Meta's own id of the file that goes along, where it was uploaded
 */
export function renderOfficial({ outboxId, to, content }: OutboundMessage, uploadId?: string): GraphMessage | null {
  const address = addressOf(to, content);
  if (!address) return null;
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...address,
    ...contextOf(content),
    ...renderContent(content, uploadId),
    biz_opaque_callback_data: outboxId,
  };
}

/** Meta refuses a message that quotes one of another connection, so such a message goes without. */
function contextOf(content: OutboundContent): object {
  const quotes = 'quotes' in content ? content.quotes : undefined;
  return quotes && isOfficialId(quotes) ? { context: { message_id: quotes } } : {};
}

export function isOfficialId(messageId: string): boolean {
  return messageId.startsWith('wamid.');
}

/** `to` always with its plus: without one Meta puts the business's own country code in front (2.2). */
function addressOf(
  { address, phone }: Recipient,
  content: OutboundContent,
): { to: string } | { recipient: string } | null {
  if (isBsuid(address)) {
    // Some templates refuse a business-scoped id (131062), and all accept a number.
    return content.kind === 'template' && phone ? { to: phone } : { recipient: address };
  }
  const to = toE164(address) ?? (phone && toE164(phone));
  return to ? { to } : null;
}

function renderContent(content: OutboundContent, uploadId?: string): GraphMessage {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: { body: content.text, preview_url: /https?:\/\//i.test(content.text) } };
    case 'choices':
      return renderChoices(content);
    case 'media':
      return { type: content.media, [content.media]: renderMedia(content, uploadId) };
    case 'link': {
      const parameters = { display_text: content.title, url: content.url };
      return interactive('cta_url', content.text, { name: 'cta_url', parameters });
    }
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { type: 'location', location: { latitude, longitude, name, address } };
    }
    case 'contact': {
      const name = { formatted_name: content.name, first_name: content.name };
      const phones = [{ phone: content.phone, type: 'CELL', wa_id: content.phone.slice(1) }];
      return { type: 'contacts', contacts: [{ name, phones }] };
    }
    case 'reaction':
      return { type: 'reaction', reaction: { message_id: content.aboutId, emoji: content.emoji } };
    default:
      return { type: 'template', template: renderTemplate(content, uploadId) };
  }
}

/** Buttons when everything to say fits on them; a list holds longer texts, descriptions and more options. */
function renderChoices(content: Extract<OutboundContent, { kind: 'choices' }>): GraphMessage {
  const { text, options } = content;
  if (options.length > OFFICIAL_CAPABILITIES.maxListRows)
    return renderContent(renderDown(content, OFFICIAL_CAPABILITIES));
  const hasDescriptions = options.some(({ description }) => description);
  if (options.length <= OFFICIAL_CAPABILITIES.maxButtons && !hasDescriptions && text.length <= BUTTONS_BODY) {
    const titles = distinctTitles(options.map(({ title }) => title));
    const buttons = options.map(({ id }, index) => ({ type: 'reply', reply: { id, title: titles[index] } }));
    return interactive('button', text, { buttons });
  }
  const button = content.button ?? DEFAULT_LIST_BUTTON;
  return interactive('list', text, { button, sections: [{ title: button, rows: options.map(toRow) }] });
}

/** What a title loses to the limit is told by the description. */
function toRow({ id, title, description }: ChoiceOption): { id: string; title: string; description?: string } {
  const cut = cutText(title, ROW_TITLE);
  const rest = cut === title ? description : [title, description].filter(Boolean).join(' — ');
  return rest ? { id, title: cut, description: cutText(rest, ROW_DESCRIPTION) } : { id, title: cut };
}

/** Meta refuses two buttons with one title, and cutting may make two equal. */
function distinctTitles(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    let cut = cutText(title, BUTTON_TITLE);
    for (let n = 2; taken.has(cut); n++) cut = `${cutText(title, BUTTON_TITLE - 2)} ${n}`;
    taken.add(cut);
    return cut;
  });
}

/** Audio and stickers take no caption, and only a document has a file name (2.2). */
function renderMedia(content: Extract<OutboundContent, { kind: 'media' }>, uploadId?: string): object {
  const { media, url: link, caption, filename } = content;
  const file = uploadId === undefined ? { link } : { id: uploadId };
  if (media === 'audio' || media === 'sticker') return file;
  return media === 'document' ? { ...file, caption, filename } : { ...file, caption };
}

function interactive(type: string, text: string, action: object): GraphMessage {
  return { type: 'interactive', interactive: { type, body: { text }, action } };
}
