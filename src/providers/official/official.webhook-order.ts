import { z } from 'zod';
import { filledField, numberField, optionalText, type JsonRecord } from '../reading/webhook-reading.js';
import type { InboundContent } from '../../messages/message-content.js';

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
    itemPriceMinor: Math.round(item.item_price * 10 ** minorDigits(item.currency)),
    currency: item.currency,
  }));
  const list = items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  const note = data.order.text ? ` (${data.order.text})` : '';
  return { type: 'order', text: `[order] ${list}${note}`, order: { items } };
}

/** ISO 4217: two for dollars, none for yen; two for a code nobody knows. */
function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
