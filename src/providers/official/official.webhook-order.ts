import { z } from 'zod';
import { filledField, numberField, optionalText, type JsonRecord } from '../reading/webhook-reading.js';
import type { InboundContent } from '../../messages/message-content.js';
import { minorDigitsOf } from '../../messages/money.js';
import { tagged } from '../reading/inbound-content.js';

const orderSchema = z.object({
  order: z.object({
    text: optionalText,
    product_items: z
      .array(
        z.object({
          product_retailer_id: filledField,
          quantity: numberField.pipe(z.int().min(1).max(1_000_000)),
          item_price: numberField.pipe(z.number().min(0).max(1e12)),
          currency: z.string().regex(/^[A-Z]{3}$/),
        }),
      )
      .min(1),
  }),
});

/** A cart sent from a catalogue; Meta gives prices in whole units of the currency. */
export function readOrder(message: JsonRecord): InboundContent | null {
  const { data } = orderSchema.safeParse(message);
  if (!data) return null;
  const items = data.order.product_items.map((item) => ({
    sku: item.product_retailer_id,
    quantity: item.quantity,
    itemPriceMinor: Math.round(item.item_price * 10 ** minorDigitsOf(item.currency)),
    currency: item.currency,
  }));
  const list = items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  const note = data.order.text ? `(${data.order.text})` : undefined;
  return { type: 'order', text: tagged('order', list, note), order: { items } };
}
