import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import type { TestDatabase } from '../../test/support/database.js';
import { startFeatures } from '../../test/support/features.js';
import { openPathShop, type Shop as PathShop } from '../../test/support/message-path.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { IncomingMessagesModule } from './incoming-messages.module.js';

describe('the old contract’s /message', () => {
  let app: TestApp;
  let shop: Shop;
  let connection: PathShop;

  beforeAll(async () => {
    app = await startFeatures([AuthModule, ConversationsModule, IncomingMessagesModule]);
    shop = await app.openShop();
    connection = await openPathShop({ owner: app.owner, makeTenant: async () => shop.tenantId } as TestDatabase);
    // A bot with nothing to say: only what comes in is of interest.
    await app.owner.query('update bot set active_version_id = null where id = $1', [connection.botId]);
  });
  afterAll(() => app.close());

  it('takes a message by the old contract, once per message id', async () => {
    const body = { bot_id: connection.botId, from: '+5215599999999', message: 'hola', message_id: 'old-1' };
    expect(await shop.call('POST', '/message', body)).toMatchObject({
      status: 202,
      body: { status: 'accepted', message_id: 'old-1' },
    });
    await shop.call('POST', '/message', body);
    const { message_id: _, ...withoutId } = body;
    expect((await shop.call('POST', '/message', withoutId)).body.message_id).toEqual(expect.any(String));
    const { rows } = await app.owner.query(
      `select i.dedupe_key = 'old-1' as named from inbox i join conversation c on c.id = i.conversation_id
        where c.phone = '+5215599999999' order by i.seq`,
    );
    expect(rows).toEqual([{ named: true }, { named: false }]);
  });

  it('takes a message without an id once per Idempotency-Key, also when the answer was lost before it was kept', async () => {
    const body = { bot_id: connection.botId, from: '+5215599999996', message: 'hola' };
    const key = randomUUID();
    const ask = (over: object = {}) => shop.call('POST', '/message', { ...body, ...over }, { 'idempotency-key': key });
    const first = await ask();
    expect(first.status).toBe(202);
    expect((await ask()).body).toEqual(first.body);
    expect(await ask({ message: 'adiós' })).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    await app.owner.query(
      `update idempotency_key set answer = null, started_at = now() - interval '6 seconds' where key = $1`,
      [key],
    );
    expect((await ask()).body).toEqual(first.body);
    const { rows } = await app.owner.query(
      `select 1 from inbox i join conversation c on c.id = i.conversation_id where c.phone = '+5215599999996'`,
    );
    expect(rows).toHaveLength(1);
  });

  it('refuses a message for a bot that is not there, or has no line', async () => {
    const message = { from: '5215599999998', message: 'hola' };
    expect((await shop.call('POST', '/message', { ...message, bot_id: randomUUID() })).status).toBe(404);
    const botId = randomUUID();
    await app.owner.query('insert into bot (id, tenant_id, name) values ($1, $2, $3)', [botId, shop.tenantId, 'Mudo']);
    expect((await shop.call('POST', '/message', { ...message, bot_id: botId })).body).toMatchObject({
      status: 409,
      code: 'no_connection',
    });
  });

  it('INV-8: does not know another tenant’s bot', async () => {
    const theirs = await app.openShop();
    const message = { bot_id: connection.botId, from: '5215599999997', message: 'hola' };
    expect((await theirs.call('POST', '/message', message)).status).toBe(404);
    expect((await app.call('POST', '/message', message)).status).toBe(401);
  });
});
