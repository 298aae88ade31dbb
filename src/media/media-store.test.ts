import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3Double, type S3Double } from '../../test/support/s3-double.js';
import { LocalMediaStore } from './local-media-store.js';
import type { MediaStore } from './media-store.js';
import { S3MediaStore } from './s3-media-store.js';

let folder: string;
let s3: S3Double;
const stores = new Map<string, MediaStore>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashoffice-media-'));
  s3 = await startS3Double();
  stores.set('a folder', new LocalMediaStore(folder));
  stores.set('a bucket', new S3MediaStore(options()));
});
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true, force: true });
});

function options() {
  const keys = { accessKeyId: 'AK', secretAccessKey: 'SK' };
  return { bucket: 'shop', endpoint: s3.url, region: 'us-east-1', ...keys };
}

describe.each(['a folder', 'a bucket'])('%s', (name) => {
  const store = (): MediaStore => {
    const found = stores.get(name);
    if (!found) throw new Error(`No store ${name}`);
    return found;
  };
  const newKey = () => `${randomUUID()}/${randomUUID()}`;
  const read = async (key: string, range?: { start: number; end: number }) => {
    const bytes = await store().read(key, range);
    return bytes && (await buffer(bytes));
  };

  it('gives back what was put into it, whole or in part', async () => {
    const [key, bytes] = [newKey(), randomBytes(70_000)];
    await store().write(key, Readable.from([bytes.subarray(0, 30_000), bytes.subarray(30_000)]), 'image/png');
    expect(await read(key)).toEqual(bytes);
    expect(await read(key, { start: 10, end: 19 })).toEqual(bytes.subarray(10, 20));
  });

  it('takes more than fits one part', async () => {
    const [key, bytes] = [newKey(), randomBytes(6 * 1024 * 1024)];
    await store().write(key, Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]), 'video/mp4');
    expect(await read(key)).toEqual(bytes);
  });

  it('keeps nothing of a file that breaks off', async () => {
    const key = newKey();
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(5_500_000);
        yield randomBytes(5_500_000);
        throw new Error('the line went dead');
      })(),
    );
    await expect(store().write(key, broken, 'video/mp4')).rejects.toThrow('the line went dead');
    expect(await read(key)).toBeNull();
  });

  it('knows nothing of what was never there or was removed', async () => {
    const key = newKey();
    expect(await read(key)).toBeNull();
    await store().write(key, Readable.from([Buffer.from('hola')]), 'text/plain');
    await store().remove(key);
    await store().remove(key);
    expect(await read(key)).toBeNull();
  });
});

it('leaves no drafts in the folder and no parts in the bucket', async () => {
  const left = await readdir(folder, { recursive: true });
  expect(left.filter((file) => file.endsWith('.part'))).toEqual([]);
  expect(s3.open.size).toBe(0);
});

it('takes no key that leads out of the folder', async () => {
  await expect(new LocalMediaStore(folder).read('../../etc/passwd')).rejects.toThrow('ids of a tenant');
});

it('tells of a bucket that refuses', async () => {
  const store = new S3MediaStore(options());
  s3.failNext = [403];
  await expect(store.read(`${randomUUID()}/${randomUUID()}`)).rejects.toThrow();
});
