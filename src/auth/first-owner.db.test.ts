import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from './auth.module.js';
import { FirstOwnerService } from './first-owner.service.js';

const features = (variables: Record<string, string>) => startFeatures([AuthModule], variables);
const ensure = (app: TestApp) => app.app.get(FirstOwnerService, { strict: false }).ensure();

describe('the first owner', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await features({ ADMIN_EMAIL: 'Jefa@tienda.test' });
  });
  afterAll(() => app.close());

  it('is made once, also by two processes at once, with a password that is told once', async () => {
    const made = (await Promise.all([ensure(app), ensure(app)])).filter((owner) => owner !== null);
    expect(made).toHaveLength(1);
    expect(made[0]?.email).toBe('jefa@tienda.test');
    const { status } = await app.call('POST', '/api/auth/login', made[0]);
    expect(status).toBe(200);
    expect(await ensure(app)).toBeNull();
    const { rows } = await app.owner.query('select 1 from tenant');
    expect(rows).toHaveLength(1);
  });
});

describe('the first owner with ADMIN_PASSWORD', () => {
  it('has that password, and it is not repeated', async () => {
    const app = await features({ ADMIN_EMAIL: 'jefe@tienda.test', ADMIN_PASSWORD: 'una frase larga' });
    try {
      expect(await ensure(app)).toEqual({ email: 'jefe@tienda.test', password: null });
      const credentials = { email: 'jefe@tienda.test', password: 'una frase larga' };
      expect((await app.call('POST', '/api/auth/login', credentials)).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});
