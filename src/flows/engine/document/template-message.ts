import { z } from 'zod';
import { buttonIndexSchema, haveOwnPlaces } from '../../../messages/template-content.js';
import { templateSchema } from './values.js';

const url = z.string().min(1).max(2048);
const file = url.describe('An address, or media:<id> of a file uploaded to /api/media; may hold {{ CEL }}');
const params = z.array(templateSchema).max(20).optional();

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: templateSchema }),
  z.strictObject({ type: z.enum(['image', 'video']), url: file }),
  z.strictObject({ type: z.literal('document'), url: file, filename: templateSchema.optional() }),
  z.strictObject({
    type: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: templateSchema.optional(),
    address: templateSchema.optional(),
  }),
]);

const button = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('url'), index: buttonIndexSchema, suffix: templateSchema }),
  z.strictObject({ type: z.literal('quick_reply'), index: buttonIndexSchema, payload: templateSchema }),
  z.strictObject({ type: z.literal('coupon'), index: buttonIndexSchema, code: templateSchema }),
]);
const buttons = z.array(button).min(1).max(10).refine(haveOwnPlaces, 'two buttons with one index').optional();

const card = z.strictObject({
  header: z.strictObject({ type: z.enum(['image', 'video']), url: url.describe('An address; may hold {{ CEL }}') }),
  params,
  buttons,
});

/** An approved template in a message step: content as in `template-content`, with expressions for its values. */
export const templateMessageSchema = z
  .strictObject({
    name: z.string().min(1).max(512),
    language: z.string().min(2).max(16).optional().describe("Else the session's language"),
    params,
    header: header.optional(),
    buttons,
    cards: z.array(card).min(2).max(10).optional().describe('Of a carousel: every card, in order'),
  })
  .refine(({ header: own, buttons: ownButtons, cards }) => !cards || (!own && !ownButtons), {
    error: 'a carousel has its header and buttons on its cards',
  });
export type TemplateMessage = z.infer<typeof templateMessageSchema>;
