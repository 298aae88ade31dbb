import { Controller, Get, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { Access, Public } from './access.decorator.js';
import { AuthModule } from './auth.module.js';
import { type Caller, CurrentUser } from './tenant.decorator.js';

@Controller('samples')
class SamplesController {
  @Get('forgotten')
  forgotten() {
    return 'seen';
  }

  @Get('public')
  @Public()
  open() {
    return 'seen';
  }

  @Get('careless')
  @Public()
  careless(@CurrentUser() caller: Caller) {
    return caller;
  }

  @Get('guarded')
  @Access('tenant:write')
  guarded(@CurrentUser() caller: Caller) {
    return caller;
  }
}

@Module({ controllers: [SamplesController] })
class SamplesModule {}

let app: TestApp;
beforeAll(async () => {
  app = await startFeatures([AuthModule, SamplesModule], { LOG_LEVEL: 'silent' });
});
afterAll(() => app.close());

describe('AccessGuard', () => {
  it('lets nobody through a route that declares no rule, not even an owner', async () => {
    const shop = await app.openShop();
    for (const caller of [app, shop]) {
      const answer = await caller.call('GET', '/api/samples/forgotten');
      expect([answer.status, answer.body.code]).toEqual([403, 'access_rule_missing']);
    }
  });

  it('lets everybody through a public one', async () => {
    expect((await app.call('GET', '/api/samples/public')).status).toBe(200);
  });

  it('says who is calling, from the token alone', async () => {
    const shop = await app.openShop();
    const { body } = await shop.call('GET', '/api/samples/guarded', undefined, { 'x-tenant-id': 'somebody else' });
    expect(body).toMatchObject({ tenantId: shop.tenantId, role: 'owner' });
  });

  it('takes no other scheme than Bearer', async () => {
    const shop = await app.openShop();
    const answer = await shop.call('GET', '/api/samples/guarded', undefined, { authorization: 'Basic b3duZXI6' });
    expect([answer.status, answer.body.code]).toEqual([401, 'not_signed_in']);
  });

  it('leaves no caller for a public route to mistake for one', async () => {
    const shop = await app.openShop();
    expect((await shop.call('GET', '/api/samples/careless')).status).toBe(500);
  });
});
