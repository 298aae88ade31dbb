import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MediaStore, type ByteRange } from './media-store.js';

const KEY = /^[0-9a-f-]{36}\/[0-9a-f-]{36}$/;

/** A folder of this machine. Processes on several machines need one they all see, or S3. */
export class LocalMediaStore extends MediaStore {
  constructor(private readonly folder: string) {
    super();
  }

  /** Written beside its place, on disk before it is moved there. */
  async write(key: string, bytes: Readable): Promise<void> {
    const path = this.pathOf(key);
    const draft = `${path}.${randomUUID()}.part`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await pipeline(bytes, createWriteStream(draft, { mode: 0o600, flush: true }));
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | null> {
    try {
      const file = await open(this.pathOf(key));
      return file.createReadStream({ start: range?.start, end: range?.end });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  private pathOf(key: string): string {
    if (!KEY.test(key)) throw new Error('A key is the ids of a tenant and of a file');
    return join(this.folder, key);
  }
}
