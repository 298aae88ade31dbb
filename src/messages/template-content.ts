import { z } from 'zod';

/** What fills an approved template besides its body. Bounds: Meta's template components (Cloud API reference). */

const url = z.url().max(2048);
const EITHER = { message: 'Either url or mediaId', path: ['url'] };
const place = { url: url.optional().describe('Public address of the file; either this or mediaId') };
const mediaId = z.uuid().optional().describe('A file uploaded to /api/media');
const hasOneFile = (file: { url?: string; mediaId?: string }) =>
  (file.url === undefined) !== (file.mediaId === undefined);

const headerSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(60).describe('The one parameter') }),
    z.strictObject({ type: z.literal('image'), ...place, mediaId }).refine(hasOneFile, EITHER),
    z.strictObject({ type: z.literal('video'), ...place, mediaId }).refine(hasOneFile, EITHER),
    z
      .strictObject({ type: z.literal('document'), ...place, mediaId, filename: z.string().min(1).max(240).optional() })
      .refine(hasOneFile, EITHER),
    z.strictObject({
      type: z.literal('location'),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      name: z.string().min(1).max(1000).optional(),
      address: z.string().min(1).max(1000).optional(),
    }),
  ])
  .meta({ id: 'TemplateHeader', example: { type: 'image', url: 'https://example.com/oferta.jpg' } });
export type TemplateHeader = z.infer<typeof headerSchema>;

export const buttonIndexSchema = z.int().min(0).max(9).describe('Place of the button in the template, from 0');
const buttonSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('url'),
      index: buttonIndexSchema,
      suffix: z.string().min(1).max(2000).describe('What follows the address in the template'),
    }),
    z.strictObject({
      type: z.literal('quick_reply'),
      index: buttonIndexSchema,
      payload: z.string().min(1).max(128).describe('Comes back as choiceId when the customer taps'),
    }),
    z.strictObject({
      type: z.literal('coupon'),
      index: buttonIndexSchema,
      code: z.string().min(1).max(20).describe('What the button copies'),
    }),
  ])
  .meta({ id: 'TemplateButton', example: { type: 'url', index: 0, suffix: 'pedidos/17' } });
export type TemplateButton = z.infer<typeof buttonSchema>;

/** @param buttons what is at each place of a template: one button at most */
export function haveOwnPlaces(buttons: readonly { readonly index: number }[]): boolean {
  return new Set(buttons.map(({ index }) => index)).size === buttons.length;
}

export const templateParamsSchema = z.array(z.string().max(1024)).max(20);

const buttons = z.array(buttonSchema).min(1).max(10).refine(haveOwnPlaces, 'two buttons with one index').optional();

const cardSchema = z
  .strictObject({
    header: z.strictObject({ type: z.enum(['image', 'video']), url: url.describe('Public address of the file') }),
    params: templateParamsSchema.default([]).describe('Parameters of the text of the card, in order'),
    buttons,
  })
  .meta({
    id: 'TemplateCard',
    example: { header: { type: 'image', url: 'https://example.com/cafe.jpg' }, params: [] },
  });
export type TemplateCard = z.infer<typeof cardSchema>;

/** Members of whatever holds a template. */
export const TEMPLATE_PARTS = {
  header: headerSchema.optional().describe('What the header of the template asks for'),
  buttons: buttons.describe('Those that take a value; the others of the template are left out'),
  cards: z.array(cardSchema).min(2).max(10).optional().describe('Of a carousel: every card, in order'),
};

export type TemplateParts = {
  readonly header?: TemplateHeader | undefined;
  readonly buttons?: TemplateButton[] | undefined;
  readonly cards?: TemplateCard[] | undefined;
};

/** A carousel has its headers and buttons on its cards. */
export function isOneForm({ header, buttons: own, cards }: TemplateParts): boolean {
  return cards === undefined || (header === undefined && own === undefined);
}
export const ONE_FORM = { message: 'A carousel has its header and buttons on its cards', path: ['cards'] };
