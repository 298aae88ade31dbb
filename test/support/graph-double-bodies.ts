/** Webhook bodies of Meta, part by part, for tests of what reads them. */

/** Seconds since 1970, as Meta writes them; `AT_DATE` is the same. */
export const AT = '1790000000';
export const AT_DATE = new Date(1_790_000_000_000);

export function change(value: unknown, field: unknown = 'messages') {
  return { field, value };
}

/** The value of a change about the number 1001, unless told otherwise. */
export function numberValue(parts: object, phoneNumberId = '1001') {
  const metadata = { display_phone_number: '15550000000', phone_number_id: phoneNumberId };
  return { messaging_product: 'whatsapp', metadata, ...parts };
}

export function webhook(...changes: unknown[]) {
  return { object: 'whatsapp_business_account', entry: [{ id: 'waba-1', changes }] };
}

export function textMessage(id: string, from?: string, extra: object = {}) {
  return { from, id, timestamp: AT, type: 'text', text: { body: `text ${id}` }, ...extra };
}
