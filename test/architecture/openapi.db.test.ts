import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe('openapi.json', () => {
  it('is what the routes say; run `npm run openapi` after changing one', async () => {
    const committed: unknown = JSON.parse(await readFile('openapi.json', 'utf8'));
    expect(JSON.parse(JSON.stringify(describeApi(app.app)))).toEqual(committed);
  });

  it('describes every answer of every operation', () => {
    const bare: string[] = [];
    for (const [path, item] of Object.entries(describeApi(app.app).paths)) {
      for (const [verb, operation] of Object.entries(item)) {
        const responses = (operation as { responses?: Record<string, { content?: unknown }> }).responses ?? {};
        const success = Object.entries(responses).filter(([status]) => status.startsWith('2'));
        const hasBody = success.some(([status, { content }]) => status === '204' || content !== undefined);
        // /qr can only refuse until a linked device is there to pair.
        if (!hasBody && !path.startsWith('/webhooks/') && path !== '/qr') bare.push(`${verb.toUpperCase()} ${path}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it('is served, with a page to read it', async () => {
    const document = await app.call('GET', '/api/openapi.json');
    expect(document.body).toMatchObject({ openapi: '3.1.0', info: { title: 'DashOffice' } });
    const page = await app.call('GET', '/api/docs');
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('swagger-ui')]);
  });
});
