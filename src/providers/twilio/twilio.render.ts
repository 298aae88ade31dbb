import type { MessageListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { OutboundContent } from '../../messages/message-content.js';
import { cutText } from '../rendering/cut-text.js';
import { renderDown } from '../rendering/render-down.js';
import { TWILIO_CAPABILITIES } from './twilio.capabilities.js';
import { isBsuid, toE164 } from '../reading/whatsapp-address.js';
import type { OutboundMessage, Recipient } from '../whatsapp-provider.js';

/** Counted in UTF-16 units, the strictest way. */
const MAX_BODY = TWILIO_CAPABILITIES.maxTextChars;

type Body = Omit<MessageListInstanceCreateOptions, 'to' | 'from' | 'messagingServiceSid' | 'statusCallback'>;
export type TwilioMessage = Body & { readonly to: string };
export type Unsendable = {
  readonly class: 'permanent' | 'recipient' | 'failover';
  readonly code: string;
  readonly reason: string;
};

/** What `messages.create` takes about the message itself, or why no request can say it. */
export function renderTwilio({ to, content, file }: OutboundMessage): TwilioMessage | Unsendable {
  const address = addressOf(to, content);
  if (!address) {
    return {
      class: 'recipient',
      code: 'NO_ADDRESS',
      reason: 'neither a phone number nor a business-scoped user id',
    };
  }
  const body = renderContent(renderDown(content, TWILIO_CAPABILITIES), file?.publicUrl ?? null);
  return 'class' in body ? body : { to: `whatsapp:${address}`, ...body };
}

function addressOf({ address, phone }: Recipient, content: OutboundContent): string | null {
  // Some templates refuse a business-scoped id (Meta's 131062), and all accept a number.
  if (isBsuid(address) && !(content.kind === 'template' && phone)) return address;
  return toE164(address) ?? (phone && toE164(phone));
}

function renderContent(content: OutboundContent, fileUrl: string | null): Body | Unsendable {
  switch (content.kind) {
    case 'media':
      return renderMedia(content, fileUrl);
    case 'location':
      return renderLocation(content);
    case 'contact':
      // A card would have to lie at a public address as a .vcf file.
      return renderText(`${content.name}: ${content.phone}`);
    case 'reaction':
      return { class: 'failover', code: 'REACTION_UNSUPPORTED', reason: 'Twilio offers no reactions' };
    case 'template':
      return renderTemplate(content);
    default:
      return renderText(content.text);
  }
}

/** Never cut or split: half of it might be what mattered, and two messages cannot be settled as one. */
function renderText(text: string): Body | Unsendable {
  if (text.length <= MAX_BODY) return { body: text };
  const reason = `the text has ${text.length} characters, and Twilio takes at most ${MAX_BODY}`;
  return { class: 'permanent', code: 'TEXT_TOO_LONG', reason };
}

/** Only images and videos take a caption; users see the end of the address as a document's name (reference 3.2). */
function renderMedia(
  { media, url, caption }: Extract<OutboundContent, { kind: 'media' }>,
  fileUrl: string | null,
): Body | Unsendable {
  const address = url ?? fileUrl;
  if (!address) {
    const reason = 'Twilio fetches files from a public address, and PUBLIC_URL is not set';
    return { class: 'failover', code: 'NO_PUBLIC_URL', reason };
  }
  const hasCaption = (media === 'image' || media === 'video') && caption;
  return { mediaUrl: [address], ...(hasCaption && { body: caption }) };
}

function renderLocation({ latitude, longitude, name, address }: Extract<OutboundContent, { kind: 'location' }>): Body {
  const point = `${decimal(latitude)},${decimal(longitude)}`;
  const label = [name, address].filter(Boolean).join(', ') || point;
  return { persistentAction: [`geo:${point}|${label.replaceAll('|', '/')}`], body: cutText(label, MAX_BODY) };
}

/** Six places, a tenth of a metre, and never an exponent. */
function decimal(degrees: number): string {
  return String(Number(degrees.toFixed(6)));
}

function renderTemplate({
  name,
  params,
  header,
  buttons,
  cards,
}: Extract<OutboundContent, { kind: 'template' }>): Body | Unsendable {
  if (!/^HX[0-9a-fA-F]{32}$/.test(name)) {
    const reason = 'the name of a template is its content sid here: HX and 32 hex digits';
    return { class: 'permanent', code: 'BAD_TEMPLATE', reason };
  }
  if (header || buttons || cards) {
    const reason = 'Twilio numbers the variables of all parts in one row: give them as params';
    return { class: 'permanent', code: 'TEMPLATE_PARTS_UNSUPPORTED', reason };
  }
  const variables = Object.fromEntries(params.map((value, index) => [String(index + 1), value]));
  return { contentSid: name, ...(params.length > 0 && { contentVariables: JSON.stringify(variables) }) };
}
