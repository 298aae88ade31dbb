import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { EchoLine } from './echo-shop.js';

const agent = new Agent({ connections: 64, pipelining: 1, headersTimeout: 15_000, bodyTimeout: 15_000 });

export type InboundText = { readonly id: string; readonly from: string; readonly text: string };

/** The body of a webhook as Meta sends it: one entry, one change, these messages. */
export function inboundBody(line: EchoLine, messages: readonly InboundText[]): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return envelope(line, {
    contacts: messages.map(({ from }) => ({ profile: { name: `Cliente ${from.slice(-4)}` }, wa_id: from })),
    messages: messages.map(({ id, from, text }) => ({ id, from, timestamp, type: 'text', text: { body: text } })),
  });
}

export function statusBody(line: EchoLine, status: { id: string; outboxId: string; recipient: string }): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return envelope(line, {
    statuses: [
      {
        id: status.id,
        status: 'sent',
        timestamp,
        recipient_id: status.recipient,
        biz_opaque_callback_data: status.outboxId,
      },
    ],
  });
}

function envelope(line: EchoLine, value: Record<string, unknown>): string {
  const metadata = { display_phone_number: line.phoneNumberId, phone_number_id: line.phoneNumberId };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } }] }],
  });
}

/** One signed POST. @returns the HTTP status, or 0 when no answer came */
export async function postSigned(url: string, line: EchoLine, body: string): Promise<number> {
  const signature = createHmac('sha256', line.appSecret).update(body).digest('hex');
  try {
    const response = await request(`${url}/webhooks/official`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      body,
    });
    await response.body.dump();
    return response.statusCode;
  } catch {
    // Refused, reset or timed out: to the sender of a webhook all three are "no answer", and it tries again.
    return 0;
  }
}
