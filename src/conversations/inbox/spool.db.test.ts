import { appendFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CutLine, openCutLine } from '../../../test/support/cut-line.js';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { LiveEvents } from '../../platform/live-events.js';
import { IngestService } from './ingest.service.js';
import { Spool } from '../../platform/spool/spool.js';

describe('the spool while Postgres is down', () => {
  let line: CutLine;
  let path: MessagePath;
  let shop: Shop;
  let pool: PathPool;

  beforeEach(async () => {
    path = await openMessagePath(async (db) => {
      line = await openCutLine(db.url);
      pool = new PathPool(line.url);
      return pool;
    });
    shop = await openPathShop(path.db);
  });
  afterEach(async () => {
    await path.close();
    await line.cut();
  });

  const texts = async () =>
    (
      await path.db.owner.query<{ text: string }>(
        `select i.body ->> 'text' as text from inbox i where tenant_id = $1 order by conversation_id, seq`,
        [shop.tenantId],
      )
    ).rows.map(({ text }) => text);
  const spoolFiles = async () => (await readdir(join(path.env.dataDir, 'spool'))).toSorted();
  const say = (text: string) => path.ingest.ingest([makeEvent(shop, { text })]);

  it('INV-1: keeps messages on the disk and stores them in order when Postgres is back', async () => {
    await say('m0');
    await line.cut();
    for (const text of ['m1', 'm2', 'm3']) await say(text);
    expect(await texts()).toEqual(['m0']);
    const [file] = await spoolFiles();
    const stored = await readFile(join(path.env.dataDir, 'spool', file ?? ''), 'utf8');
    expect(stored.trimEnd().split('\n')).toHaveLength(3);
    expect(path.ingest.spoolBytes).toBe(Buffer.byteLength(stored));
    await line.mend();
    await say('m4');
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    await expect.poll(spoolFiles).toEqual([]);
    await say('m5');
    expect(await texts()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
  });

  it('INV-2: a message that was committed and spooled counts once', async () => {
    const event = makeEvent(shop, { text: 'una' });
    await path.ingest.ingest([event]);
    await line.cut();
    await path.ingest.ingest([event]);
    await line.mend();
    await expect.poll(spoolFiles, { timeout: 10_000 }).toEqual([]);
    expect(await texts()).toEqual(['una']);
  });

  it('INV-1: the next process stores what a killed one had spooled, without the line it was writing', async () => {
    await line.cut();
    await say('m1');
    await say('m2');
    await path.ingest.beforeApplicationShutdown();
    const [file] = await spoolFiles();
    await appendFile(join(path.env.dataDir, 'spool', file ?? ''), '{"tenantId":"half a li');
    await line.mend();
    const next = new IngestService(path.env, pool, path.clock, path.wake, new LiveEvents());
    await next.onModuleInit();
    await next.ingest([makeEvent(shop, { text: 'm3' })]);
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['m1', 'm2', 'm3']);
    await next.beforeApplicationShutdown();
    expect(await spoolFiles()).toEqual([]);
  });

  it('leaves the files of live processes alone, and takes those of dead ones and of machines that are gone', async () => {
    const directory = join(path.env.dataDir, 'spool');
    await mkdir(directory, { recursive: true });
    const live = `000000000000001-000001-elsewhere-1-abcdef.jsonl`;
    await writeFile(join(directory, live), '');
    const spool = new Spool(path.env.dataDir, 'spool', (kept) => kept);
    await spool.adopt();
    expect(spool.isEmpty).toBe(true);
    const old = new Date(Date.now() - 120_000);
    await utimes(join(directory, live), old, old);
    await spool.adopt();
    expect(spool.isEmpty).toBe(false);
  });

  it('gives the files of a dead process to one of those that find them', async () => {
    const directory = join(path.env.dataDir, 'spool');
    await writeFile(join(directory, '000000000000001-000001-elsewhere-1-abcdef.jsonl'), 'null\nnot json\n');
    const old = new Date(Date.now() - 120_000);
    await utimes(join(directory, '000000000000001-000001-elsewhere-1-abcdef.jsonl'), old, old);
    const spools = [
      new Spool(path.env.dataDir, 'spool', (kept) => kept),
      new Spool(path.env.dataDir, 'spool', (kept) => kept),
    ];
    await Promise.all(spools.map((spool) => spool.adopt()));
    expect(spools.filter(({ isEmpty }) => !isEmpty)).toHaveLength(1);
    const [owner] = spools.filter(({ isEmpty }) => !isEmpty);
    const segment = await owner?.oldest();
    expect(await segment?.read()).toEqual({ events: [], unreadable: 2 });
    await segment?.remove();
    await owner?.touch(new Date());
    expect(owner?.isEmpty).toBe(true);
  });

  it('INV-1: does not take a message into a file that another process has taken over', async () => {
    const spool = new Spool(path.env.dataDir, 'spool', (kept) => kept);
    const event = { ...makeEvent(shop), receivedAt: new Date() };
    await spool.append([event]);
    const [file] = await spoolFiles();
    await rm(join(path.env.dataDir, 'spool', file ?? ''));
    await expect(spool.append([event])).rejects.toThrow(/ENOENT/);
    await spool.append([event]);
    expect(await spoolFiles()).toHaveLength(1);
    await spool.touch(new Date());
    await spool.close();
    expect(spool.isEmpty).toBe(false);
  });

  it('sets aside what Postgres refuses and goes on', async () => {
    await line.cut();
    await path.ingest.ingest([{ ...makeEvent(shop, { text: 'nadie' }), botId: shop.connectionId }]);
    await say('m1');
    await line.mend();
    await expect.poll(texts, { timeout: 10_000 }).toEqual(['m1']);
    await expect.poll(async () => (await spoolFiles()).map((name) => name.endsWith('.rejected'))).toEqual([true]);
  });

  it('INV-1: does not take a message that it can keep nowhere', async () => {
    await line.cut();
    await rm(join(path.env.dataDir, 'spool'), { recursive: true });
    await writeFile(join(path.env.dataDir, 'spool'), 'a file where the folder should be');
    await expect(say('m1')).rejects.toThrow(/ENOTDIR/);
  });
});
