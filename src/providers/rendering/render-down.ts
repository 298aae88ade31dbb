import type { ChoiceOption, OutboundContent } from '../../messages/message-content.js';
import { cutText } from './cut-text.js';
import type { ProviderCapabilities } from '../whatsapp-provider.js';

/** Enough to tell options apart when fifty of them must fit one text. */
const SHORT_TITLE = 40;
const LEAST_TITLE = 8;

/**
 * Turns what a connection cannot show into plain text: choices beyond its buttons and list rows become a numbered list, a
 * link button becomes its address. What it can show comes back as the same object.
 */
export function renderDown(content: OutboundContent, capabilities: ProviderCapabilities): OutboundContent {
  const { maxButtons, maxListRows, maxTextChars: max } = capabilities;
  if (content.kind === 'choices' && content.options.length > Math.max(maxButtons, maxListRows)) {
    return { kind: 'text', text: numbered(content.text, content.options, max), ...quotesOf(content) };
  }
  if (content.kind === 'link' && maxButtons < 1) {
    const text = joinWithin(content.text, `${content.title}: ${content.url}`, max);
    return { kind: 'text', text, ...quotesOf(content) };
  }
  return content;
}

/**
 * The option a customer means by typing its number ("2", "2.", "#2", "２", "2️⃣"), counted as `renderDown` counts: from
 * one, in the order of the options. Null when the reply is not the number of an option.
 */
export function findOptionByNumber<T extends Pick<ChoiceOption, 'id'>>(options: readonly T[], reply: string): T | null {
  const digits = /^\s*#?\s*(\d{1,3})\uFE0F?\u20E3?\s*[.)]?\s*$/u.exec(reply.normalize('NFKC'))?.[1];
  return digits === undefined ? null : (options[Number(digits) - 1] ?? null);
}

function quotesOf({ quotes }: { readonly quotes?: string }): { quotes?: string } {
  return quotes === undefined ? {} : { quotes };
}

function numbered(text: string, options: readonly ChoiceOption[], max: number): string {
  const full = listOf(options.map(({ title, description }) => (description ? `${title} — ${description}` : title)));
  if (fits(text, full, max)) return joinWithin(text, full, max);
  const titles = listOf(options.map(({ title }) => title));
  if (fits(text, titles, max)) return joinWithin(text, titles, max);
  // "50. " and a line break around each, and a little room for the question itself.
  const room = Math.floor((max - 100) / options.length) - 5;
  const titleChars = Math.max(LEAST_TITLE, Math.min(SHORT_TITLE, room));
  return joinWithin(text, listOf(options.map(({ title }) => cutText(title, titleChars))), max);
}

function listOf(labels: readonly string[]): string {
  return labels.map((label, index) => `${index + 1}. ${label.replace(/\s+/g, ' ')}`).join('\n');
}

function fits(text: string, tail: string, max: number): boolean {
  return text.length + 2 + tail.length <= max;
}

/** The tail is what the customer must see to answer, so it is the text before it that gives way. */
function joinWithin(text: string, tail: string, max: number): string {
  return `${cutText(text, Math.max(1, max - 2 - tail.length))}\n\n${tail}`;
}
