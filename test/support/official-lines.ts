import type { Shop, TestApp } from './app.js';
import { inboundText, signWebhook, type GraphInbound } from './graph-double-webhook.js';

/** A bot's number of the Cloud API, connected as its owner would. */
export type OfficialLine = {
  readonly shop: Shop;
  readonly botId: string;
  readonly connectionId: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
};

let numbers = 0;

export async function openOfficialLine(
  app: TestApp,
  appSecret: string,
  shop?: Shop,
  phoneNumberId = `2000${++numbers}`,
  wabaId?: string,
): Promise<OfficialLine> {
  const owner = shop ?? (await app.openShop());
  const bot = await owner.call('POST', '/api/bots', { name: 'Bot', locale: 'es', quietMs: 10_000 });
  const credentials = { phoneNumberId, accessToken: 'token', appSecret, verifyToken: `verify-${appSecret}`, wabaId };
  const made = await owner.call('POST', `/api/bots/${bot.body.id}/connections`, {
    provider: 'official',
    name: 'Ventas',
    credentials,
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return { shop: owner, botId: bot.body.id, connectionId: made.body.id, phoneNumberId, appSecret };
}

/** Posts as Meta would, signed with this secret. */
export async function postAsMeta(app: TestApp, body: unknown, appSecret: string, headers: Record<string, string> = {}) {
  const signed = signWebhook(body, appSecret);
  const response = await fetch(`${app.url}/webhooks/official`, {
    method: 'POST',
    headers: { ...signed.headers, ...headers },
    body: new Uint8Array(signed.payload),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A customer's text that names its own id. */
export function textTo(line: OfficialLine, id: string, from = '5215512345678'): GraphInbound {
  return inboundText({ phoneNumberId: line.phoneNumberId, from, text: `soy ${id}`, id });
}
