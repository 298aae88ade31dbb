import type { Readable } from 'node:stream';

/** Part of a file; both ends count. */
export type ByteRange = { readonly start: number; readonly end: number };

/** Where the bytes lie. Keys are `<tenant id>/<file id>`, and each is written once. */
export abstract class MediaStore {
  /** All of it or nothing: a file that was cut off on the way cannot be read. */
  abstract write(key: string, bytes: Readable, mimeType: string): Promise<void>;
  /** @returns null when there is no such file */
  abstract read(key: string, range?: ByteRange): Promise<Readable | null>;
  /** Succeeds when it is not there either. */
  abstract remove(key: string): Promise<void>;
}
