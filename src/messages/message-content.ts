import { z } from 'zod';
import { isOneForm, ONE_FORM, TEMPLATE_PARTS, templateParamsSchema } from './template-content.js';

/**
 * What can be said over WhatsApp, in our own words. Flows produce outbound content, providers render it;
 * providers parse inbound content, flows read it. This folder is vocabulary: it imports nothing of ours.
 */

const url = z.url().max(2048);

export const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

export const choiceOptionSchema = z
  .strictObject({
    id: z.string().min(1).max(200).describe('Comes back as choiceId when the customer taps'),
    title: z.string().min(1).max(200),
    description: z.string().max(1000).optional(),
  })
  .meta({ id: 'ChoiceOption' });
export type ChoiceOption = z.infer<typeof choiceOptionSchema>;

/** Provider id of the message that is answered; a connection that cannot quote sends the text alone. */
const quotes = z.string().min(1).max(255).optional().describe('Provider id of the message this one quotes');

const mediaSchema = z
  .strictObject({
    kind: z.literal('media'),
    media: z.enum(MEDIA_KINDS),
    url: url.optional().describe('Public address of the file; either this or mediaId'),
    mediaId: z.uuid().optional().describe('A file uploaded to /api/media'),
    caption: z.string().max(1024).optional(),
    filename: z.string().max(240).optional(),
    quotes,
  })
  .refine((media) => (media.url === undefined) !== (media.mediaId === undefined), {
    message: 'Either url or mediaId',
    path: ['url'],
  });

export const outboundContentSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(4096), quotes }),
    z.strictObject({
      kind: z.literal('choices'),
      text: z.string().min(1).max(4096),
      options: z.array(choiceOptionSchema).min(1).max(50).describe('≤ 3 buttons, ≤ 10 a list, else numbered text'),
      button: z.string().min(1).max(20).optional().describe('Label that opens the list'),
      quotes,
    }),
    mediaSchema,
    z.strictObject({
      kind: z.literal('link'),
      text: z.string().min(1).max(1024),
      url,
      title: z.string().min(1).max(20),
      quotes,
    }),
    z.strictObject({
      kind: z.literal('location'),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      name: z.string().max(1000).optional(),
      address: z.string().max(1000).optional(),
      quotes,
    }),
    z.strictObject({ kind: z.literal('contact'), name: z.string().min(1).max(200), phone: z.e164(), quotes }),
    z.strictObject({
      kind: z.literal('reaction'),
      aboutId: z.string().min(1).max(255).describe('Provider id of the message reacted to'),
      emoji: z.string().max(64).describe('One emoji; empty takes the reaction back'),
      isAboutOurs: z.boolean().optional().describe('The message reacted to is one of ours; default: the customer’s'),
    }),
    z
      .strictObject({
        kind: z.literal('template'),
        name: z.string().min(1).max(512),
        language: z.string().min(2).max(16),
        params: templateParamsSchema.default([]).describe('Body parameters, in order'),
        ...TEMPLATE_PARTS,
      })
      .refine(isOneForm, ONE_FORM),
  ])
  .meta({ id: 'OutboundContent' });
export type OutboundContent = z.infer<typeof outboundContentSchema>;

export type CarriedFile = {
  readonly media: MediaKind;
  readonly url?: string | undefined;
  readonly mediaId?: string | undefined;
};

/** The file a message carries, alone or as the header of a template; null when it carries none. */
export function fileOf(content: OutboundContent): CarriedFile | null {
  if (content.kind === 'media') return content;
  const header = content.kind === 'template' ? content.header : undefined;
  if (!header || header.type === 'text' || header.type === 'location') return null;
  return { media: header.type, url: header.url, mediaId: header.mediaId };
}

/** Every inbound WhatsApp type we tell apart; a type we do not know is stored as `unsupported`, never dropped. */
export const INBOUND_TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'choice',
  'form',
  'order',
  'system',
  'edit',
  'revoke',
  'unsupported',
] as const;
export type InboundType = (typeof INBOUND_TYPES)[number];

export type InboundMedia = {
  /** The provider's media id. */
  readonly id: string;
  readonly mimeType: string;
  readonly sha256?: string;
  readonly caption?: string;
  readonly filename?: string;
  readonly isVoice?: boolean;
  /** What else the provider needs to open the file: keys, addresses. Stored, never shown. */
  readonly source?: Readonly<Record<string, unknown>>;
};

/** One inbound message in our words. `text` is always readable by a person, whatever the type. */
export type InboundContent = {
  readonly type: InboundType;
  readonly text: string;
  /** Id of the tapped button or list row. */
  readonly choiceId?: string;
  readonly media?: InboundMedia;
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly name?: string };
  readonly order?: {
    readonly items: readonly {
      readonly sku: string;
      readonly quantity: number;
      readonly itemPriceMinor: number;
      readonly currency: string;
    }[];
  };
  /** Answers of a WhatsApp form. */
  readonly form?: Readonly<Record<string, unknown>>;
  /** Provider id of the message this one quotes, reacts to, edits or revokes. */
  readonly aboutId?: string;
  /** Where a click-to-WhatsApp ad brought the customer from. */
  readonly referral?: Readonly<Record<string, string>>;
  /** An empty shell whose content comes later under the same id (INV-2: upgraded, never swallowed). */
  readonly isPlaceholder?: boolean;
};

/** Reply > transactional > campaign: a campaign cannot delay answers. */
export const LANES = ['reply', 'transactional', 'campaign'] as const;
export type Lane = (typeof LANES)[number];

/** What to do when it cannot be known whether a send was accepted: repeat after the grace, or ask a person. */
export const RESEND_POLICIES = ['auto', 'never'] as const;
export type ResendPolicy = (typeof RESEND_POLICIES)[number];
