import { expect } from 'vitest';
import type { Answer, Shop, TestApp } from './app.js';
import { startFeatures } from './features.js';
import { until } from './until.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { JobsService } from '../../src/platform/jobs/jobs.service.js';
import { ProductsModule } from '../../src/products/products.module.js';

/** On a busy machine a large file, or one whose job was lost and is found again, takes its time. */
export const PATIENCE_MS = 100_000;

export const csv = { 'content-type': 'text/csv' };

export type FilesApp = Awaited<ReturnType<typeof openFilesApp>>;

/** The catalogue over HTTP, with its jobs running. */
export async function openFilesApp() {
  const app: TestApp = await startFeatures([AuthModule, ProductsModule]);
  await app.app.get(JobsService).start(() => undefined);

  /** The bearer of a shop's calls, for what is not JSON. */
  async function tokenOf({ email, password }: Shop): Promise<string> {
    const { body } = await app.call('POST', '/api/auth/login', { email, password });
    return `Bearer ${body.accessToken}`;
  }

  async function post(
    by: Shop,
    body: RequestInit['body'],
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Answer> {
    const response = await fetch(`${app.url}/api/products/imports${query}`, {
      method: 'POST',
      headers: { authorization: await tokenOf(by), ...headers },
      body,
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  const upload = (by: Shop, text: string, query = '') => post(by, text, csv, query);

  /** Uploads and waits for the end. */
  async function importInto(by: Shop, text: string): Promise<Answer['body']> {
    const { status, body } = await upload(by, text);
    expect([status, body]).toEqual([202, body]);
    return until(
      'the import to end',
      async () => {
        const answer = await by.call('GET', `/api/products/imports/${body.id}`);
        return answer.body.finishedAt === null ? null : answer.body;
      },
      PATIENCE_MS,
    );
  }

  async function exportOf(by: Shop): Promise<string> {
    const response = await fetch(`${app.url}/api/products/export`, { headers: { authorization: await tokenOf(by) } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    return response.text();
  }

  const list = async (by: Shop, query = '') => (await by.call('GET', `/api/products?limit=100${query}`)).body.items;

  return { app, tokenOf, post, upload, importInto, exportOf, list };
}
