import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { signInAs, startFeatures } from '../../test/support/features.js';
import { Access } from '../auth/access.decorator.js';
import { AuthModule } from '../auth/auth.module.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { PathPool } from '../platform/database/path-pool.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { AppError } from '../platform/errors/app-error.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Route } from '../platform/http/route.decorator.js';
import { AuditModule } from './audit.module.js';
import { AuditPurge } from './audit-purge.js';

type Sql = { readonly sql: string; readonly fails?: boolean };

/** A feature that somebody adds later and that knows nothing of the audit. */
@Controller('samples')
class SamplesController {
  constructor(
    private readonly db: TenantDatabase,
    private readonly path: PathPool,
  ) {}

  @Post('written/:id')
  @Access('bots:write')
  async written(@Tenant() tenantId: TenantId, @Body() { sql, fails }: Sql, @RequestKey() _key: string | null) {
    await this.db.transaction(tenantId, async (tx) => {
      await tx.query(sql);
      if (fails) throw new AppError('broken', 409, 'Broken half-way');
    });
    return { ok: true };
  }

  @Post('elsewhere/:id')
  @Access('bots:write')
  async elsewhere() {
    return { now: await this.path.query('select 1') };
  }

  @Post('asked')
  @Access('bots:write')
  @Route({ summary: 'Only asks', changesNothing: true })
  asked() {
    return {};
  }

  @Get('read/:id')
  @Access('bots:write')
  async read(@Tenant() tenantId: TenantId, @Param('id') id: string) {
    await this.db.transaction(tenantId, (tx) => tx.query('select $1', [id]));
    return {};
  }
}

@Module({ controllers: [SamplesController] })
class SamplesModule {}

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, AuditModule, SamplesModule], { LOG_LEVEL: 'silent' });
  shop = await app.openShop();
});
afterAll(() => app.close());

async function entries(query = '', by = shop) {
  const { status, body } = await by.call('GET', `/api/audit?limit=100${query}`);
  expect(status).toBe(200);
  return body.items as Record<string, unknown>[];
}

async function idOf(person: Shop): Promise<string> {
  return (await person.call('GET', '/api/auth/me')).body.id as string;
}

describe('the audit', () => {
  it('tells who changed what, from what to what', async () => {
    const answer = await shop.call('PATCH', '/api/tenant', { name: 'Café Aurora' });
    const [entry] = await entries('&subjectType=tenant');
    expect(entry).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      actor: { kind: 'user', id: await idOf(shop), name: 'Ana' },
      action: 'Tenants.change',
      kind: 'changed',
      subjectType: 'tenant',
      subjectId: shop.tenantId,
      before: { name: expect.stringMatching(/^Tienda /) },
      after: { name: 'Café Aurora' },
      changeId: expect.any(String),
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it('names the key when a program did it', async () => {
    const key = await shop.call('POST', '/api/api-keys', { name: 'Tienda web', permissions: ['bots:write'] });
    const authorization = `Bearer ${key.body.key}`;
    await app.call('POST', `/api/samples/elsewhere/${randomUUID()}`, {}, { authorization });
    const [entry] = await entries(`&actor=key:${key.body.id}`);
    expect(entry).toMatchObject({ action: 'Samples.elsewhere', actor: { kind: 'key', name: 'Tienda web' } });
  });

  it('keeps no secret, not even a hash', async () => {
    const password = 'una frase que nadie sabe';
    const made = await shop.call('POST', '/api/users', { email: 'l@t.test', name: 'Lu', password, role: 'viewer' });
    await shop.call('PATCH', `/api/users/${made.body.id}`, { password: 'otra frase que nadie sabe' });
    const ofUser = await entries(`&subjectId=${made.body.id}`);
    expect(ofUser.map(({ before, after }) => [before, after])).toEqual([
      [{ passwordHash: '(hidden)' }, { passwordHash: '(hidden)' }],
      [null, expect.objectContaining({ email: 'l@t.test', role: 'viewer', passwordHash: '(hidden)' })],
    ]);
    const { rows } = await app.owner.query<{ text: string }>('select to_jsonb(a)::text as text from audit_entry a');
    expect(rows.filter(({ text }) => /argon2|nadie sabe|"\\\\x|\bdok_\w{32}_[\w-]{43}/.test(text))).toEqual([]);
  });

  it('tells a long value by its size, and nothing of what is mere bookkeeping', async () => {
    const id = randomUUID();
    const name = 'x'.repeat(3000);
    await shop.call('POST', `/api/samples/written/${id}`, { sql: `update tenant set name = '${name}'` });
    const [entry] = await entries('&subjectType=tenant');
    expect(entry?.['after']).toEqual({ name: { bytes: 3002, md5: expect.stringMatching(/^[0-9a-f]{32}$/) } });
    await shop.call('POST', `/api/samples/written/${id}`, { sql: 'update app_user set updated_at = now()' });
    expect((await entries()).at(0)).toMatchObject({ kind: 'requested', subjectType: 'written', subjectId: id });
  });

  it('notes a route that writes only where the audit has no trigger, in the same transaction', async () => {
    const id = randomUUID();
    const answer = await shop.call('POST', `/api/samples/written/${id}`, { sql: 'update stock_level set on_hand = 0' });
    expect(answer.status).toBe(201);
    const [entry] = await entries(`&subjectId=${id}`);
    expect(entry).toMatchObject({ action: 'Samples.written', kind: 'requested', before: null, after: null });
  });

  it('notes a route that writes by another role, or nothing at all', async () => {
    const id = randomUUID();
    await shop.call('POST', `/api/samples/elsewhere/${id}`, {});
    expect(await entries(`&subjectId=${id}`)).toHaveLength(1);
  });

  it('keeps nothing of what failed, was only read, or was answered from memory', async () => {
    const before = await entries();
    const id = randomUUID();
    const failing = { sql: "update tenant set name = 'Nunca'", fails: true };
    expect((await shop.call('POST', `/api/samples/written/${id}`, failing)).status).toBe(409);
    await shop.call('GET', `/api/samples/read/${id}`);
    await shop.call('POST', '/api/samples/asked', {});
    expect(await entries()).toEqual(before);
    const once = { sql: "update tenant set name = 'Una vez'" };
    for (const replayed of [null, 'true']) {
      const answer = await shop.call('POST', `/api/samples/written/${id}`, once, { 'idempotency-key': 'k-1' });
      expect(answer.headers.get('idempotency-replayed')).toBe(replayed);
    }
    expect(await entries()).toHaveLength(before.length + 1);
  });

  it('is filtered and paged', async () => {
    await shop.call('PATCH', '/api/tenant', { name: 'Uno' });
    const from = new Date().toISOString();
    await shop.call('PATCH', '/api/tenant', { name: 'Dos' });
    expect(await entries(`&from=${from}&action=Tenants.change&kind=changed`)).toMatchObject([
      { after: { name: 'Dos' } },
    ]);
    expect((await entries(`&to=${from}&action=Tenants.change`))[0]).toMatchObject({ after: { name: 'Uno' } });
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await shop.call('GET', `/api/audit?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(await entries());
    const { body } = await shop.call('GET', '/api/audit?actor=somebody&kind=burnt&from=once');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['actor', 'kind', 'from']);
  });

  it('is another tenant’s business only there (INV-8), and nobody’s below an admin', async () => {
    const other = await app.openShop();
    await other.call('PATCH', '/api/tenant', { name: 'Ajena' });
    expect(JSON.stringify(await entries())).not.toContain('Ajena');
    for (const [role, status] of [
      ['admin', 200],
      ['manager', 403],
      ['seller', 403],
      ['viewer', 403],
    ] as const) {
      const person = await signInAs(app, shop, role);
      expect([role, (await person.call('GET', '/api/audit')).status]).toEqual([role, status]);
    }
    expect((await app.call('GET', '/api/audit')).status).toBe(401);
  });

  it('can be changed by nobody the product signs in as, and is forgotten after its time', async () => {
    for (const sql of ["update audit_entry set actor = 'x'", 'delete from audit_entry'])
      expect((await shop.call('POST', `/api/samples/written/${randomUUID()}`, { sql })).status).toBe(500);
    await app.owner.query(
      "update audit_entry set created_at = now() - interval '731 days' where action = 'Users.create'",
    );
    const kept = await entries();
    await app.app.get(AuditPurge, { strict: false }).run();
    expect(await entries()).toEqual(kept.filter(({ action }) => action !== 'Users.create'));
    expect(await entries('&action=Users.create')).toEqual([]);
  });
});
