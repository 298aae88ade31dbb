import { z } from 'zod';
import { listSchema } from '../platform/http/page.js';
import { ORDER_MESSAGES, PLACEHOLDERS } from './order-texts.js';

export const stateSchema = z.enum(ORDER_MESSAGES).describe('expiring: before an unpaid order is cancelled');
const textSchema = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  .refine(
    (text) => [...text.matchAll(/\{(\w+)\}/g)].every(([, word]) => (PLACEHOLDERS as readonly unknown[]).includes(word)),
    `may name ${PLACEHOLDERS.map((word) => `{${word}}`).join(', ')} and nothing else`,
  );

export const changeOrderMessageSchema = z
  .strictObject({
    isOn: z.boolean().optional(),
    texts: z
      .strictObject({ es: textSchema.optional(), en: textSchema.optional(), pt: textSchema.optional() })
      .optional(),
  })
  .meta({ id: 'ChangeOrderMessage', examples: [{ isOn: true, texts: { es: '¡{name}, tu pedido #{number} salió!' } }] });
export type ChangeOrderMessage = z.output<typeof changeOrderMessageSchema>;

export const orderMessageViewSchema = z
  .object({
    state: stateSchema,
    isOn: z.boolean().describe('Whether the customer is told at all'),
    texts: z.object({ es: z.string(), en: z.string(), pt: z.string() }),
    isDefault: z.boolean().describe('The shop has changed nothing of it'),
  })
  .meta({
    id: 'OrderMessage',
    example: {
      state: 'shipped',
      isOn: true,
      isDefault: false,
      texts: {
        es: '¡{name}, tu pedido #{number} salió!',
        en: '{name}, your order #{number} is on its way!',
        pt: '{name}, seu pedido #{number} saiu!',
      },
    },
  });
export type OrderMessageView = z.output<typeof orderMessageViewSchema>;
export const orderMessagesSchema = listSchema(orderMessageViewSchema).meta({ id: 'OrderMessages' });
