import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type Shop, type TestApp } from '../support/app.js';
import { startEvolutionDouble, type EvolutionDouble } from '../support/evolution-double.js';
import { textUpsert } from '../support/evolution-double-bodies.js';
import { webhookTo } from '../support/evolution-line.js';
import { startTwilioDouble, type TwilioDouble } from '../support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN, inboundForm } from '../support/twilio-double-webhook.js';
import { until } from '../support/until.js';

const PUBLIC_URL = 'https://shop.test';
const FROM = '5215512345678';

/** As many as fit one page of a menu. */
const options = Array.from({ length: 9 }, (_, n) => ({ id: `o-${n + 1}`, title: `Café ${n + 1}`, go: `is_${n + 1}` }));
const FLOW = {
  dsl: 1,
  flow: 'menu',
  locales: ['es'],
  start: 'ask',
  steps: [
    {
      id: 'ask',
      type: 'question',
      text: '¿Cuál quieres?',
      answer: { type: 'choice', options },
      retry: { max: 3, text: 'No entendí', go: 'lost' },
      timeout: { after: '20h', go: 'lost' },
    },
    ...options.map(({ title }, n) => ({
      id: `is_${n + 1}`,
      type: 'message',
      text: `Elegiste ${title}.`,
      next: 'done',
    })),
    { id: 'lost', type: 'message', text: 'Hasta luego', next: 'done' },
    { id: 'done', type: 'end', outcome: 'answered' },
  ],
};

let app: TestApp;
let shop: Shop;
let versionId: string;
let twilio: TwilioDouble;
let evolution: EvolutionDouble;

beforeAll(async () => {
  [twilio, evolution] = [await startTwilioDouble(), await startEvolutionDouble()];
  app = await startTestApp({ TWILIO_API_URL: twilio.url, PUBLIC_URL });
  twilio.routeCallbacks(PUBLIC_URL, app.url);
  shop = await app.openShop();
  const flow = await shop.call('POST', '/api/flows', { key: 'menu', title: 'Menú', draft: FLOW });
  const published = await shop.call('POST', `/api/flows/${flow.body.id}/publish`, {});
  if (published.status >= 300) throw new Error(JSON.stringify(published.body));
  versionId = published.body.id;
});
afterAll(async () => {
  await app.close();
  await Promise.all([twilio.stop(), evolution.stop()]);
});

async function connect(provider: string, credentials: object): Promise<string> {
  const bot = await shop.call('POST', '/api/bots', { name: `Bot ${provider}` });
  await shop.call('POST', `/api/bots/${bot.body.id}/activate`, { versionId });
  const line = { provider, name: provider, credentials };
  const made = await shop.call('POST', `/api/bots/${bot.body.id}/connections`, line);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.id;
}

type Chat = { say(text: string): Promise<void>; heard(): readonly string[] };

const OPEN: Record<string, () => Promise<Chat>> = {
  twilio: async () => {
    const credentials = { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' };
    const id = await connect('twilio', credentials);
    const path = `/webhooks/twilio/${id}`;
    return {
      say: async (text) => {
        const form = inboundForm({ from: FROM, text });
        const { status } = await twilio.post(app.url + path, form, DOUBLE_AUTH_TOKEN, PUBLIC_URL + path);
        expect(status).toBe(200);
      },
      heard: () => twilio.accepted.map(({ body }) => body ?? ''),
    };
  },
  evolution: async () => {
    evolution.addInstance('menu');
    const secret = 'webhook-secret-of-the-menu';
    const credentials = {
      baseUrl: evolution.url,
      apiKey: evolution.apiKey,
      instanceName: 'menu',
      webhookSecret: secret,
    };
    const id = await connect('evolution', credentials);
    evolution.setWebhook('menu', webhookTo(app, id, { 'x-webhook-secret': secret }));
    return {
      say: async (text) =>
        void (await evolution.emit(
          'menu',
          'messages.upsert',
          textUpsert(text, { messageTimestamp: Math.floor(Date.now() / 1000) }),
        )),
      heard: () => evolution.accepted.map(({ body }) => String(body['text'])),
    };
  },
};

const chats: Record<string, Chat | null> = {};

/** Providers that show no buttons; linked devices render by the same code, and take part in the contract. */
describe.each(Object.keys(OPEN))('a menu written out over %s', (provider) => {
  it.each([
    ['2', 'Elegiste Café 2.'],
    ['2.', 'Elegiste Café 2.'],
    ['9)', 'Elegiste Café 9.'],
  ])('reads %s as the option of that number', async (reply, answer) => {
    chats[provider] ??= (await OPEN[provider]?.()) ?? null;
    const chat = chats[provider];
    if (!chat) throw new Error(`No line by ${provider}`);
    const before = chat.heard().length;
    await chat.say('hola');
    const menu = await until('the menu', async () => chat.heard()[before]);
    expect(menu).toContain('¿Cuál quieres?\n\n1. Café 1\n2. Café 2\n');
    await chat.say(reply);
    expect(await until('the answer', async () => chat.heard()[before + 1])).toBe(answer);
  });
});
