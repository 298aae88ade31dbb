import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { BotsModule } from './bots.module.js';
import { BotsService } from './bots.service.js';

let app: TestApp;
let shop: Shop;
let other: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, BotsModule]);
  shop = await app.openShop();
  other = await app.openShop();
});
afterAll(() => app.close());

async function makeBot(tenant = shop, input: object = { name: 'Aurora' }) {
  const { status, body } = await tenant.call('POST', '/api/bots', input);
  expect(status).toBe(201);
  return body as { id: string; revision: number };
}

async function publishVersion(tenant: Shop): Promise<string> {
  const [flowId, versionId] = [randomUUID(), randomUUID()];
  await app.owner.query("insert into flow (id, tenant_id, key, title, draft) values ($1, $2, $3, 'Pedidos', '{}')", [
    flowId,
    tenant.tenantId,
    `f${flowId}`,
  ]);
  await app.owner.query(
    `insert into flow_version (id, tenant_id, flow_id, number, sha256, document, report)
     values ($1, $2, $3, 1, 'x', '{}', '{}')`,
    [versionId, tenant.tenantId, flowId],
  );
  return versionId;
}

describe('bots', () => {
  it('are made with sensible patience, read and changed', async () => {
    const made = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    expect(made.body).toMatchObject({
      name: 'Aurora',
      locale: 'es',
      isActive: true,
      activeVersionId: null,
      lateAfterMs: 600_000,
      latePolicy: 'answer_if_last',
      quietMs: 0,
      revision: 1,
    });
    expect(made.body).not.toHaveProperty('tenantId');
    const path = `/api/bots/${made.body.id}`;
    const changed = await shop.call('PATCH', path, { quietMs: 1500, isActive: false, latePolicy: 'hand_over' });
    expect(changed.body).toMatchObject({
      name: 'Aurora',
      quietMs: 1500,
      latePolicy: 'hand_over',
      isActive: false,
      revision: 2,
    });
    expect((await shop.call('GET', path)).body).toEqual(changed.body);
  });

  it('are listed newest first', async () => {
    const quiet = await app.openShop();
    const ids = [(await makeBot(quiet)).id, (await makeBot(quiet)).id, (await makeBot(quiet)).id];
    const first = await quiet.call('GET', '/api/bots?limit=2');
    const second = await quiet.call('GET', `/api/bots?limit=2&cursor=${first.body.nextCursor}`);
    const seen = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
    expect(seen).toEqual(ids.toReversed());
    expect(second.body.nextCursor).toBeNull();
  });

  it('begin new conversations on a published version of the same tenant only', async () => {
    const { id } = await makeBot();
    const versionId = await publishVersion(shop);
    const activated = await shop.call('POST', `/api/bots/${id}/activate`, { versionId });
    expect([activated.status, activated.body.activeVersionId, activated.body.revision]).toEqual([200, versionId, 2]);
    for (const foreign of [await publishVersion(other), randomUUID()]) {
      const answer = await shop.call('POST', `/api/bots/${id}/activate`, { versionId: foreign });
      expect([answer.status, answer.body.code]).toEqual([404, 'flow_version_not_found']);
    }
    expect((await shop.call('GET', `/api/bots/${id}`)).body.activeVersionId).toBe(versionId);
  });

  it('are deleted while nothing points at them, and not after', async () => {
    const unused = await makeBot();
    expect((await shop.call('DELETE', `/api/bots/${unused.id}`)).status).toBe(204);
    expect((await shop.call('GET', `/api/bots/${unused.id}`)).status).toBe(404);
    const used = await makeBot();
    const [contactId, connectionId] = [randomUUID(), randomUUID()];
    await app.owner.query('insert into contact (id, tenant_id) values ($1, $2)', [contactId, shop.tenantId]);
    await app.owner.query(
      `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
       values ($1, $2, $3, 'simulator', 's', '', 'k')`,
      [connectionId, shop.tenantId, used.id],
    );
    await app.owner.query(
      `insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address) values ($1, $2, $3, $4, $5, 'a')`,
      [randomUUID(), shop.tenantId, used.id, connectionId, contactId],
    );
    const refused = await shop.call('DELETE', `/api/bots/${used.id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'bot_in_use']);
    expect((await shop.call('GET', `/api/bots/${used.id}`)).status).toBe(200);
  });

  it('are not changed, activated or deleted over somebody else’s change', async () => {
    const { id } = await makeBot();
    const path = `/api/bots/${id}`;
    const etag = (await shop.call('GET', path)).headers.get('etag') ?? '';
    expect((await shop.call('PATCH', path, { name: 'Uno' }, { 'if-match': etag })).headers.get('etag')).toBe('"2"');
    const versionId = await publishVersion(shop);
    const late = [
      await shop.call('PATCH', path, { name: 'Dos' }, { 'if-match': etag }),
      await shop.call('POST', `${path}/activate`, { versionId }, { 'if-match': etag }),
      await shop.call('DELETE', path, undefined, { 'if-match': etag }),
    ];
    expect(late.map(({ body }) => body.code)).toEqual(late.map(() => 'revision_mismatch'));
    expect((await shop.call('GET', path)).body).toMatchObject({ name: 'Uno', revision: 2, activeVersionId: null });
  });

  it('are refused field by field', async () => {
    const answer = await shop.call('POST', '/api/bots', {
      name: '',
      locale: 'fr',
      quietMs: 10_001,
      lateAfterMs: 1,
      x: 1,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['name', 'locale', 'quietMs', 'lateAfterMs']));
    expect((await shop.call('POST', `/api/bots/${randomUUID()}/activate`, {})).body.errors[0].field).toBe('versionId');
  });

  it('of another tenant do not exist (INV-8)', async () => {
    const { id } = await makeBot();
    const versionId = await publishVersion(other);
    const answers = [
      await other.call('GET', `/api/bots/${id}`),
      await other.call('PATCH', `/api/bots/${id}`, { name: 'Mío' }),
      await other.call('POST', `/api/bots/${id}/activate`, { versionId }),
      await other.call('DELETE', `/api/bots/${id}`),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'bot_not_found']));
    const { body } = await other.call('GET', '/api/bots?limit=100');
    expect(body.items.map((bot: { id: string }) => bot.id)).not.toContain(id);
  });

  it('are read by every role and written by owner and admin', async () => {
    const { id } = await makeBot();
    for (const [role, status] of [
      ['admin', 200],
      ['manager', 403],
      ['seller', 403],
      ['viewer', 403],
    ] as const) {
      const person = await signInAs(app, shop, role);
      expect((await person.call('GET', `/api/bots/${id}`)).status).toBe(200);
      expect((await person.call('PATCH', `/api/bots/${id}`, { name: role })).status).toBe(status);
    }
  });
});

describe('BotsService.settingsOf', () => {
  it('tells a change made here at once, and nothing to another tenant', async () => {
    const bots = app.app.get(BotsService, { strict: false });
    const { id } = await makeBot();
    expect(await bots.settingsOf(shop.tenantId, id)).toEqual({
      locale: 'es',
      isActive: true,
      activeVersionId: null,
      lateAfterMs: 600_000,
      quietMs: 0,
      readReceipts: false,
    });
    await shop.call('PATCH', `/api/bots/${id}`, { isActive: false });
    expect(await bots.settingsOf(shop.tenantId, id)).toMatchObject({ isActive: false });
    await expect(bots.settingsOf(other.tenantId, id)).rejects.toThrow('There is no bot');
  });
});
