import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { MediaStore, type ByteRange } from './media-store.js';

export type S3Options = {
  readonly bucket: string;
  /** Of a service that is not Amazon's, such as MinIO or R2. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

const PREFIX = 'media/';

/** A bucket. The SDK is loaded with the first file: tens of megabytes that a shop without files never pays. */
export class S3MediaStore extends MediaStore {
  private client: Promise<S3Client> | null = null;

  constructor(private readonly options: S3Options) {
    super();
  }

  /** In parts, because nobody knows the size beforehand; parts of an upload that fails are taken back. */
  async write(key: string, bytes: Readable, mimeType: string): Promise<void> {
    const { Upload } = await import('@aws-sdk/lib-storage');
    const params = { Bucket: this.options.bucket, Key: PREFIX + key, Body: bytes, ContentType: mimeType };
    const upload = new Upload({ client: await this.open(), params, queueSize: 1, leavePartsOnError: false });
    // The SDK would wait for more of a stream that broke.
    const failed = new Promise<never>((_, reject) => bytes.once('error', reject));
    const done = upload.done();
    try {
      await Promise.race([done, failed]);
    } catch (error) {
      await upload.abort();
      await done.catch(() => undefined);
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | null> {
    const { GetObjectCommand, NoSuchKey } = await import('@aws-sdk/client-s3');
    const Range = range && `bytes=${range.start}-${range.end}`;
    try {
      const client = await this.open();
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: this.options.bucket, Key: PREFIX + key, Range }),
      );
      return (Body as Readable | undefined) ?? null;
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    const client = await this.open();
    await client.send(new DeleteObjectCommand({ Bucket: this.options.bucket, Key: PREFIX + key }));
  }

  private open(): Promise<S3Client> {
    this.client ??= import('@aws-sdk/client-s3').then(
      ({ S3Client }) =>
        new S3Client({
          region: this.options.region,
          endpoint: this.options.endpoint,
          // Names of buckets as hosts need a DNS entry each, which services of one's own do not have.
          forcePathStyle: this.options.endpoint !== undefined,
          credentials: {
            accessKeyId: this.options.accessKeyId,
            secretAccessKey: this.options.secretAccessKey,
          },
        }),
    );
    return this.client;
  }
}
