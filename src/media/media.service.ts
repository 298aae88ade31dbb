import { randomUUID } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ENV, type Env } from '../platform/config/env.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { MeasuredBytes } from './measured-bytes.js';
import type { MediaView } from './media.dto.js';
import { Media } from './media.entity.js';
import { MediaMissingError, MediaNotFoundError, MediaTypeRefusedError } from './media.errors.js';
import { MediaLinks } from './media-links.js';
import { MediaStore } from './media-store.js';
import { bareType, HEAD_BYTES, kindOfType, refusalOf } from './media-types.js';

export type Upload = { readonly bytes: Readable; readonly mimeType: string; readonly filename: string | null };

/** A tenant's files: kept, shown, forgotten. */
@Injectable()
export class MediaService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly store: MediaStore,
    private readonly links: MediaLinks,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /**
   * Keeps a file to be sent, or shown with a product. The row is written when all of it is stored, so that a file that
   * has an id can be read.
   *
   * @throws MediaTypeRefusedError not a type that is taken, or not what it says it is
   * @throws MediaTooLargeError
   * @throws MediaMissingError it is empty
   */
  async keep(tenantId: TenantId, { bytes, mimeType: declared, filename }: Upload): Promise<MediaView> {
    const id = randomUUID();
    const mimeType = bareType(declared);
    const measured = new MeasuredBytes(this.env.mediaMaxBytes);
    // Whatever breaks breaks `measured` too, and so the write below.
    pipeline(
      bytes,
      (source: AsyncIterable<Buffer>) => recognised(source, mimeType),
      measured,
      () => undefined,
    );
    const key = `${tenantId}/${id}`;
    await this.store.write(key, measured, mimeType);
    const { sizeBytes } = measured;
    const now = new Date();
    const row = {
      id,
      tenantId,
      origin: 'upload',
      state: 'stored',
      mimeType,
      filename: filename?.replaceAll(/[\p{Cc}/\\]/gu, '_').slice(0, 240) || null,
      sizeBytes,
      sha256: measured.sha256(),
      createdAt: now,
      storedAt: now,
    } as const;
    try {
      return await this.db.transaction(tenantId, async (tx) => {
        await tx.insert(Media, row);
        return this.load(tx.getRepository(Media).findOneBy({ id, tenantId }), id);
      });
    } catch (error) {
      await this.store.remove(key);
      throw error;
    }
  }

  /** @throws MediaNotFoundError unknown, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<MediaView> {
    return this.db.transaction(tenantId, (tx) => this.load(tx.getRepository(Media).findOneBy({ id, tenantId }), id));
  }

  /** @throws MediaNotFoundError unknown, or another tenant's */
  async forget(tenantId: TenantId, id: string): Promise<void> {
    const { affected } = await this.db.transaction(tenantId, (tx) => tx.delete(Media, { id, tenantId }));
    if (!affected) throw new MediaNotFoundError(id);
    await this.store.remove(`${tenantId}/${id}`);
  }

  /** Which of these are pictures that are there, of this tenant. */
  async picturesAmong(tx: EntityManager, tenantId: TenantId, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows: { id: string }[] = await tx.query(
      `select id from media where tenant_id = $1 and id = any($2::uuid[]) and state = 'stored'
          and mime_type like 'image/%'`,
      [tenantId, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Opens without a token for an hour, below the address of this installation. */
  linkTo(id: string): string {
    return this.links.pathTo(id);
  }

  private async load(row: Promise<Media | null>, id: string): Promise<MediaView> {
    const media = await row;
    if (!media) throw new MediaNotFoundError(id);
    return {
      id: media.id,
      state: media.state,
      mimeType: media.mimeType,
      kind: kindOfType(media.mimeType),
      filename: media.filename,
      sizeBytes: media.sizeBytes,
      sha256: media.sha256,
      url: media.state === 'stored' ? this.linkTo(media.id) : null,
      error: media.error,
      createdAt: media.createdAt.toISOString(),
    };
  }
}

/** Passes a file on once its beginning is what its type promises. */
async function* recognised(bytes: AsyncIterable<Buffer>, mimeType: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    yield accepted(head, mimeType);
    head = null;
  }
  if (head !== null) yield accepted(head, mimeType);
}

function accepted(head: Buffer, mimeType: string): Buffer {
  if (head.length === 0) throw new MediaMissingError();
  const refusal = refusalOf(mimeType, head.subarray(0, HEAD_BYTES));
  if (refusal !== null) throw new MediaTypeRefusedError(refusal);
  return head;
}
