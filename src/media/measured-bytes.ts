import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { MediaTooLargeError } from './media.errors.js';

/** Counts and hashes what passes, and breaks off beyond the limit with MediaTooLargeError. */
export class MeasuredBytes extends Transform {
  sizeBytes = 0;
  private readonly hash = createHash('sha256');

  constructor(private readonly maxBytes: number) {
    super();
  }

  /** Hexadecimal; once, when all has passed. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.maxBytes) return done(new MediaTooLargeError(this.maxBytes));
    this.hash.update(chunk);
    done(null, chunk);
  }
}
