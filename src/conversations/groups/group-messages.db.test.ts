import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../../test/support/app.js';
import { signInAs, startFeatures } from '../../../test/support/features.js';
import { AuthModule } from '../../auth/auth.module.js';
import { BotsModule } from '../../bots/bots.module.js';
import { ConversationsModule } from '../conversations.module.js';
import { IngestService } from '../inbox/ingest.service.js';

let app: TestApp;
let shop: Shop;
let botId: string;
let connectionId: string;

beforeAll(async () => {
  app = await startFeatures([AuthModule, BotsModule, ConversationsModule]);
  shop = await app.openShop();
  botId = (await shop.call('POST', '/api/bots', { name: 'Bot' })).body.id as string;
  const { rows } = await app.owner.query<{ id: string }>(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     values (gen_random_uuid(), $1, $2, 'simulator', 'Simulador', '', 'k1') returning id`,
    [shop.tenantId, botId],
  );
  connectionId = rows[0]?.id ?? '';
});
afterAll(() => app.close());

const say = (groupId: string, text: string, isPlaceholder = false, id = `m.${text}`) =>
  app.app.get(IngestService, { strict: false }).ingest([
    {
      tenantId: shop.tenantId,
      botId,
      connectionId,
      address: '5215512345678',
      phone: '+5215512345678',
      identities: ['tel:525512345678'],
      profileName: 'Ana',
      providerMessageId: id,
      providerAt: new Date('2026-03-02T15:00:00Z'),
      content: { type: 'text', text, ...(isPlaceholder ? { isPlaceholder } : {}) },
      groupId,
    },
  ]);
const list = async (query = '', of = shop) => {
  const { body } = await of.call('GET', `/api/group-messages${query}`);
  return body as { items: { groupId: string; content: { text: string } }[]; nextCursor: string | null };
};

describe('group messages', () => {
  it('are read newest first, page by page, by group, with who said them; nobody became a customer', async () => {
    for (const [group, text] of [
      ['g1', 'a'],
      ['g2', 'b'],
      ['g1', 'c'],
    ] as const)
      await say(group, text);
    await say('g1', 'c');
    const first = await list('?limit=2');
    expect(first.items.map(({ content }) => content.text)).toEqual(['c', 'b']);
    expect(first.items[0]).toMatchObject({
      botId,
      connectionId,
      groupId: 'g1',
      isOwn: false,
      author: { address: '5215512345678', phone: '+5215512345678', name: 'Ana' },
      saidAt: '2026-03-02T15:00:00.000Z',
    });
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect([second.items.map(({ content }) => content.text), second.nextCursor]).toEqual([['a'], null]);
    expect((await list(`?groupId=g2&botId=${botId}`)).items.map(({ content }) => content.text)).toEqual(['b']);
    expect((await app.owner.query('select 1 from contact')).rows).toEqual([]);
  });

  it('INV-2: show the content of a shell once it came', async () => {
    await say('g3', '', true, 'shell');
    await say('g3', 'ahora sí', false, 'shell');
    await say('g3', '', true, 'shell');
    expect((await list('?groupId=g3')).items.map(({ content }) => content.text)).toEqual(['ahora sí']);
  });

  it('are nobody else’s (INV-8), and refuse what is no query', async () => {
    expect((await list('', await app.openShop())).items).toEqual([]);
    for (const [query, field] of [
      ['cursor=x', 'cursor'],
      ['limit=0', 'limit'],
      ['botId=7', 'botId'],
    ]) {
      const { status, body } = await shop.call('GET', `/api/group-messages?${query}`);
      expect([status, body.errors[0].field]).toEqual([400, field]);
    }
    expect((await app.call('GET', '/api/group-messages')).status).toBe(401);
    const viewer = await signInAs(app, shop, 'viewer');
    expect((await viewer.call('GET', '/api/group-messages')).status).toBe(200);
  });
});
