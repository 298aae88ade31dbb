import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dashoffice-embedded-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('x', () => {
  it('starts', async () => {
    const t0 = performance.now();
    const p = await startEmbeddedPostgres({ dataDir });
    console.log('first', performance.now() - t0);
    let t = performance.now();
    await p.stop();
    console.log('stop', performance.now() - t);
    t = performance.now();
    const q = await startEmbeddedPostgres({ dataDir });
    console.log('second', performance.now() - t);
    expect(q.url).toBe(p.url);
    await q.stop();
  });
});
