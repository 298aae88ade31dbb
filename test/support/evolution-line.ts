import type { Shop, TestApp } from './app.js';
import type { EvolutionDouble } from './evolution-double.js';
import type { EvolutionWebhookConfig } from './evolution-double-webhook.js';

export type EvolutionLine = {
  readonly shop: Shop;
  readonly botId: string;
  readonly id: string;
  readonly instance: string;
  readonly secret: string;
};

/** A new shop with a bot on a new instance of the double, whose webhook goes to the app and knows the secret. */
export async function connectEvolution(
  app: TestApp,
  evolution: EvolutionDouble,
  instance: string,
  webhookSecret?: string,
): Promise<EvolutionLine> {
  evolution.addInstance(instance);
  const shop = await app.openShop();
  const bot = await shop.call('POST', '/api/bots', { name: 'Aurora' });
  const credentials = { baseUrl: evolution.url, apiKey: evolution.apiKey, instanceName: instance, webhookSecret };
  const input = { provider: 'evolution', name: 'Evolution', credentials };
  const made = await shop.call('POST', `/api/bots/${bot.body.id}/connections`, input);
  if (made.status !== 201) throw new Error(`No connection made: ${JSON.stringify(made.body)}`);
  const secret = webhookSecret ?? '';
  evolution.setWebhook(instance, webhookTo(app, made.body.id, { 'x-webhook-secret': secret }));
  return { shop, botId: bot.body.id, id: made.body.id, instance, secret };
}

export function webhookTo(app: TestApp, id: string, headers: Record<string, string>): EvolutionWebhookConfig {
  return { enabled: true, url: `${app.url}/webhooks/evolution/${id}`, headers };
}
