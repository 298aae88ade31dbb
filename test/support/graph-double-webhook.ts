import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** One inbound message as Meta would tell it; `message` is the object in `messages[]`. */
export type GraphInbound = {
  readonly phoneNumberId: string;
  readonly contact?: Readonly<Record<string, unknown>>;
  readonly message: Readonly<Record<string, unknown>>;
};

export type InboundTextOptions = {
  readonly phoneNumberId: string;
  /** wa_id digits. */
  readonly from: string;
  readonly text: string;
  readonly id?: string;
  readonly name?: string;
  readonly at?: Date;
};

let inboundCount = 0;

export function inboundText({ phoneNumberId, from, text, id, name, at }: InboundTextOptions): GraphInbound {
  return inbound({ phoneNumberId, from, id, name, at, type: 'text', content: { body: text } });
}

/** A message of any type; `content` is the object under the type's name. */
export function inbound(
  options: Omit<InboundTextOptions, 'text'> & { readonly type: string; readonly content: unknown },
): GraphInbound {
  const { phoneNumberId, from, type, content, id, name = 'Ana', at = new Date() } = options;
  const messageId = id ?? `wamid.IN.${process.pid}.${++inboundCount}`;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return {
    phoneNumberId,
    contact: { profile: { name }, wa_id: from },
    message: { from, id: messageId, timestamp, type, [type]: content },
  };
}

/** One POST's body: every number becomes an entry of its own. */
export function webhookBody(parts: {
  readonly messages?: readonly GraphInbound[];
  readonly statuses?: readonly { readonly phoneNumberId: string; readonly status: object }[];
}): object {
  const values = new Map<string, { contacts: unknown[]; messages: unknown[]; statuses: unknown[] }>();
  const valueOf = (phoneNumberId: string) => {
    const value = values.get(phoneNumberId) ?? { contacts: [], messages: [], statuses: [] };
    values.set(phoneNumberId, value);
    return value;
  };
  for (const { phoneNumberId, contact, message } of parts.messages ?? []) {
    const value = valueOf(phoneNumberId);
    value.messages.push(message);
    if (contact) value.contacts.push(contact);
  }
  for (const { phoneNumberId, status } of parts.statuses ?? []) valueOf(phoneNumberId).statuses.push(status);
  const entry = [...values].map(([phoneNumberId, lists]) => ({
    id: `waba-${phoneNumberId}`,
    changes: [
      {
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: '15550000000', phone_number_id: phoneNumberId },
          ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
        },
      },
    ],
  }));
  return { object: 'whatsapp_business_account', entry };
}

/** The bytes Meta would send, non-ASCII escaped before it is signed (reference 2.4), and the headers beside them. */
export function signWebhook(body: unknown, appSecret: string): { payload: Buffer; headers: Record<string, string> } {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const payload = Buffer.from(JSON.stringify(body).replace(/[\u0080-\uffff]/g, escape));
  const signature = createHmac('sha256', appSecret).update(payload).digest('hex');
  return {
    payload,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  };
}

export type PostResult = { readonly status: number; readonly body: string };

/** Posts webhooks until they are answered 200, as Meta does, only faster. */
export class WebhookPoster {
  private readonly agent = new Agent({ connections: 32, pipelining: 1 });
  private readonly stopping = new AbortController();

  constructor(private readonly appSecret: string) {}

  /** One attempt; the answer whatever it is. */
  async postOnce(url: string, body: unknown, appSecret = this.appSecret): Promise<PostResult> {
    const { payload, headers } = signWebhook(body, appSecret);
    const { signal } = this.stopping;
    const answer = await request(url, { method: 'POST', headers, body: payload, dispatcher: this.agent, signal });
    return { status: answer.statusCode, body: await answer.body.text() };
  }

  /** How many attempts it took. Rejects only when stopped. */
  async postUntilTaken(url: string, body: unknown): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const isTaken = await this.postOnce(url, body).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isTaken) return attempt;
      await wait(Math.min(1000, 20 * 2 ** Math.min(attempt, 6)), undefined, { signal: this.stopping.signal });
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.agent.destroy();
  }
}
