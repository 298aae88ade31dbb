import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { PathPool } from '../platform/database/path-pool.js';
import { MediaLinks } from './media-links.js';
import { MediaStore, type ByteRange } from './media-store.js';

export type StoredFile = {
  readonly id: string;
  readonly tenantId: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly filename: string | null;
};

type Row = { id: string; tenant_id: string; mime_type: string; size_bytes: string; filename: string | null };

const COLUMNS = 'id, tenant_id, mime_type, size_bytes, filename';

/** Files as the message path needs them, across tenants. Whoever asks knows the tenant or holds a signed link. */
@Injectable()
export class StoredFiles {
  constructor(
    private readonly path: PathPool,
    private readonly store: MediaStore,
    private readonly links: MediaLinks,
  ) {}

  /** Null for a file that is not there (yet), and for another tenant's. */
  async find(tenantId: string, id: string): Promise<StoredFile | null> {
    const rows = await this.path.query<Row>(
      `select ${COLUMNS} from media where id = $1 and tenant_id = $2 and state = 'stored'`,
      [id, tenantId],
    );
    return rows[0] ? toFile(rows[0]) : null;
  }

  /** Of a link that was checked. */
  async findLinked(id: string): Promise<StoredFile | null> {
    const rows = await this.path.query<Row>(`select ${COLUMNS} from media where id = $1 and state = 'stored'`, [id]);
    return rows[0] ? toFile(rows[0]) : null;
  }

  /** Null when the bytes are gone. */
  open({ tenantId, id }: StoredFile, range?: ByteRange): Promise<Readable | null> {
    return this.store.read(`${tenantId}/${id}`, range);
  }

  /** Null when the world cannot reach us. */
  publicUrlOf({ id }: StoredFile, lifeS: number): string | null {
    return this.links.publicUrlOf(id, lifeS);
  }

  /** The provider's own id of a file it already has, for a quarter of an hour at least. */
  async recall(connectionId: string, id: string): Promise<string | null> {
    const rows = await this.path.query<{ provider_media_id: string }>(
      `select provider_media_id from media_upload
        where connection_id = $1 and media_id = $2 and valid_until > now() + interval '15 minutes'`,
      [connectionId, id],
    );
    return rows[0]?.provider_media_id ?? null;
  }

  async remember(connectionId: string, { id, tenantId }: StoredFile, providerMediaId: string, validMs: number) {
    await this.path.query(
      `insert into media_upload (connection_id, media_id, tenant_id, provider_media_id, valid_until)
       values ($1, $2, $3, $4, now() + $5 * interval '1 ms')
       on conflict (connection_id, media_id) do update
         set provider_media_id = excluded.provider_media_id, valid_until = excluded.valid_until`,
      [connectionId, id, tenantId, providerMediaId, validMs],
    );
  }
}

function toFile(row: Row): StoredFile {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    mimeType: row.mime_type,
    sizeBytes: Number(row.size_bytes),
    filename: row.filename,
  };
}
