import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const UPDATE = 'update bench_row set n = n + 1 where id = ';

async function makeRows(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`create table if not exists bench_row (id int primary key, n bigint not null default 0)`);
  await client.query(`insert into bench_row select generate_series(1, 1000) on conflict do nothing`);
  return client;
}

/** Transactions per second of one client updating one row at a time, each its own commit. */
export async function bareUpdates(url: string, seconds: number): Promise<number> {
  const client = await makeRows(url);
  const end = performance.now() + seconds * 1000;
  let done = 0;
  while (performance.now() < end) {
    await client.query(`${UPDATE} $1`, [(done % 1000) + 1]);
    done += 1;
  }
  await client.end();
  return Math.round(done / seconds);
}

/** The same statement by pgbench with one client; null where pgbench is not installed. */
export async function pgbenchUpdates(url: string, seconds: number): Promise<number | null> {
  const dir = await mkdtemp(join(tmpdir(), 'dashoffice-pgbench-'));
  const script = join(dir, 'update.sql');
  await writeFile(script, `\\set id random(1, 1000)\n${UPDATE} :id;\n`);
  try {
    const { stdout } = await promisify(execFile)('pgbench', [
      '-n',
      '-c',
      '1',
      '-T',
      String(seconds),
      '-f',
      script,
      url,
    ]);
    return Math.round(Number(/tps = ([\d.]+)/.exec(stdout)?.[1]));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  } finally {
    await rm(dir, { recursive: true });
  }
}
