import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { from, lastValueFrom, of, throwError, type Observable } from 'rxjs';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import type { TenantId } from '../tenancy/tenant-id.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

let db: TestDatabase;
let interceptor: IdempotencyInterceptor;
let tenantId: TenantId;
beforeAll(async () => {
  db = await openTestDatabase();
  interceptor = new IdempotencyInterceptor(db.tenants);
  tenantId = await db.makeTenant();
});
afterAll(() => db.close());

type Ask = { key?: string; body?: unknown; tenant?: TenantId | null; userId?: string; url?: string; etag?: string };

/** One request through the interceptor; `work` stands for the route's handler. */
async function ask(work: () => Observable<unknown>, { key, body = {}, tenant = tenantId, ...over }: Ask = {}) {
  const headers: Record<string, string> = over.etag ? { etag: over.etag } : {};
  const request = {
    method: 'POST',
    url: over.url ?? '/api/orders',
    headers: { 'idempotency-key': key },
    body,
    caller: tenant ? { tenantId: tenant, userId: over.userId ?? 'ana' } : undefined,
    requestKey: undefined as string | undefined,
  };
  const reply = {
    header: (name: string, value: string) => (headers[name] = value),
    getHeader: (name: string) => headers[name],
  };
  const context = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) };
  const handler: CallHandler = { handle: work };
  const answer = await lastValueFrom(interceptor.intercept(context as unknown as ExecutionContext, handler));
  return { answer, headers, requestKey: request.requestKey };
}
const counting = () => {
  let runs = 0;
  return () => {
    runs += 1;
    return of({ run: runs, b: 1, a: 2 });
  };
};

describe('a request with an Idempotency-Key', () => {
  it('runs once, and its first answer comes again letter by letter with its ETag', async () => {
    const work = counting();
    const key = randomUUID();
    const first = await ask(work, { key, body: { x: 1, y: 2 }, etag: '"1"' });
    const second = await ask(work, { key, body: { y: 2, x: 1 } });
    expect(JSON.stringify(second.answer)).toBe(JSON.stringify(first.answer));
    expect(second.headers).toEqual({ 'idempotency-replayed': 'true', etag: '"1"' });
    expect(first.requestKey).toMatch(new RegExp(`^${key}:[0-9a-f]{64}$`));
  });

  it('runs every time without one, and each tenant has keys of its own', async () => {
    const work = counting();
    const other = await db.makeTenant();
    const key = randomUUID();
    await ask(work);
    await ask(work);
    await ask(work, { key });
    expect((await ask(work, { key, tenant: other })).answer).toMatchObject({ run: 4 });
  });

  it('is refused for another body, another route or another person', async () => {
    const key = randomUUID();
    await ask(counting(), { key });
    const refusal = { code: 'idempotency_key_reused', status: 422 };
    await expect(ask(counting(), { key, body: { other: true } })).rejects.toMatchObject(refusal);
    await expect(ask(counting(), { key, url: '/api/else' })).rejects.toMatchObject(refusal);
    await expect(ask(counting(), { key, userId: 'eva' })).rejects.toMatchObject(refusal);
  });

  it('is told to wait while the first is still running', async () => {
    const key = randomUUID();
    const impatient = () => ask(counting(), { key }).catch((error: unknown) => error);
    const first = await ask(() => from(impatient()), { key });
    expect(first.answer).toMatchObject({
      code: 'idempotency_in_progress',
      status: 409,
      details: { retryAfterS: 5 },
    });
  });

  it('may be tried again after a failure, which is passed on', async () => {
    const key = randomUUID();
    await expect(ask(() => throwError(() => new Error('no stock')), { key })).rejects.toThrow('no stock');
    expect((await ask(counting(), { key })).answer).toMatchObject({ run: 1 });
  });

  it('is taken over after five seconds, and the late answer of the first no longer counts', async () => {
    const key = randomUUID();
    const late = async () => {
      await db.owner.query(`update idempotency_key set started_at = now() - interval '6 seconds' where key = $1`, [
        key,
      ]);
      await ask(() => of('second'), { key });
      return 'late';
    };
    expect((await ask(() => from(late()), { key })).answer).toBe('late');
    expect((await ask(counting(), { key })).answer).toBe('second');
  });

  it('forgets its answer after a day', async () => {
    const key = randomUUID();
    const work = counting();
    await ask(work, { key });
    await db.owner.query(`update idempotency_key set started_at = now() - interval '25 hours' where key = $1`, [key]);
    expect((await ask(work, { key })).answer).toMatchObject({ run: 2 });
  });

  it('is refused with a key that is not printable, and on a route without a caller', async () => {
    await expect(ask(counting(), { key: 'a b' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(ask(counting(), { key: 'k', tenant: null })).rejects.toThrow(/public route/);
  });
});
