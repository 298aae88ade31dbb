import type { z } from 'zod';
import type { InboundContent, InboundMedia, MediaKind } from '../../messages/message-content.js';
import { cutText } from '../rendering/cut-text.js';
import { isRecord, optionalText, storableJson, type JsonRecord } from './webhook-reading.js';

/**
 * The same words for the same things, whichever provider says them: texts are the customer's own where there are any,
 * and else begin with a tag such as `[image]`, the same in every language.
 */

/** Knows one shape; any other is null. */
export function reader<T extends z.ZodType>(
  schema: T,
  toContent: (value: z.output<T>) => InboundContent | null,
): (value: unknown) => InboundContent | null {
  return (value) => {
    const result = schema.safeParse(value);
    return result.success ? toContent(result.data) : null;
  };
}

export function tagged(tag: string, ...parts: readonly (string | undefined)[]): string {
  return [`[${tag}]`, ...parts].filter(Boolean).join(' ');
}

/** @param title what the customer saw on the button or row */
export function choice(choiceId: string, title: string | undefined): InboundContent {
  return { type: 'choice', text: title || choiceId, choiceId };
}

/** @param note what else the text should say */
export function file(
  type: MediaKind | 'contacts',
  media: Omit<InboundMedia, 'isVoice'>,
  { isVoice = false, note }: { isVoice?: boolean; note?: string } = {},
): InboundContent {
  const tag = type === 'contacts' ? 'contact' : isVoice ? 'voice' : type;
  const text = tagged(tag, media.filename, media.caption, note);
  return { type, text, media: { ...media, ...(isVoice && { isVoice }) } };
}

type Place = {
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
  readonly address?: string;
};

export function place({ latitude, longitude, name, address }: Place): InboundContent {
  const known = name || address;
  return {
    type: 'location',
    text: tagged('location', name, address, `${latitude}, ${longitude}`),
    location: { latitude, longitude, ...(known && { name: known }) },
  };
}

/** @param cards of each person the name and the numbers */
export function contacts(cards: readonly (readonly (string | undefined)[])[]): InboundContent {
  return { type: 'contacts', text: tagged('contact', cards.map((card) => card.filter(Boolean).join(' ')).join('; ')) };
}

export function reaction(aboutId: string, emoji: string | undefined): InboundContent {
  return { type: 'reaction', text: emoji ? `[reaction] ${emoji}` : '[reaction removed]', aboutId };
}

export function edited(content: InboundContent, aboutId: string): InboundContent {
  return { ...content, type: 'edit', text: `[edit] ${content.text}`, aboutId };
}

export function revoked(aboutId: string): InboundContent {
  return { type: 'revoke', text: '[deleted]', aboutId };
}

/** Answers of a form, as JSON; what is none, or no object, is kept under `response`. */
export function readForm(response: string): JsonRecord {
  try {
    const value = storableJson(JSON.parse(response));
    return isRecord(value) ? value : { response: value };
  } catch {
    return { response };
  }
}

const MAX_NAME_CHARS = 255;

/** What a person calls themselves; null for nothing. */
export function readProfileName(value: unknown): string | null {
  const name = optionalText.parse(value)?.trim();
  return name ? cutText(name, MAX_NAME_CHARS) : null;
}
