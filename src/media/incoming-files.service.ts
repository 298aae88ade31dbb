import { pipeline, type Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { InboundMedia } from '../messages/message-content.js';
import { toStorableText } from '../messages/storable.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { MeasuredBytes } from './measured-bytes.js';
import { MediaStore } from './media-store.js';

/** A customer's file that this process fetches now. */
export type WaitingFile = {
  readonly id: string;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly mimeType: string;
  readonly providerMedia: InboundMedia;
  /** Counts from 1; this attempt included. */
  readonly attempt: number;
  /** Since the message came. */
  readonly ageMs: number;
};

const CLAIM = {
  name: 'media-claim',
  text: `
  with due as (
    select id from media where state = 'waiting' and next_at <= now() and connection_id <> all($3::uuid[])
     order by next_at limit $1 for update skip locked)
  update media m set attempts = m.attempts + 1, next_at = now() + $2 * interval '1 ms' from due where m.id = due.id
  returning m.id, m.tenant_id as "tenantId", m.connection_id as "connectionId", m.mime_type as "mimeType",
    m.provider_media as "providerMedia", m.attempts as attempt,
    extract(epoch from now() - m.created_at)::float8 * 1000 as "ageMs"`,
};

/**
 * Customers' files on their way in. A row `waiting` was written together with its message, so that none is forgotten:
 *
 *   waiting ── fetched ───────────────────────────→ stored
 *           ── the provider cannot just now ──────→ waiting, next_at later
 *           ── whoever fetched it died ───────────→ waiting, due again after its lease
 *           ── gone, refused, too large, too old ─→ failed
 */
@Injectable()
export class IncomingFiles {
  constructor(
    private readonly path: PathPool,
    private readonly store: MediaStore,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /**
   * @param leaseMs how long nobody else takes what is claimed
   * @param except connections that another process serves
   */
  claim(limit: number, leaseMs: number, except: readonly string[]): Promise<WaitingFile[]> {
    return this.path.query<WaitingFile>(CLAIM, [limit, leaseMs, except]);
  }

  /** @throws MediaTooLargeError, or whatever broke the stream: nothing is stored then */
  async keep(file: WaitingFile, bytes: Readable): Promise<void> {
    const measured = new MeasuredBytes(this.env.mediaMaxBytes);
    // Whatever breaks breaks `measured` too, and so the write below.
    pipeline(bytes, measured, () => undefined);
    await this.store.write(`${file.tenantId}/${file.id}`, measured, file.mimeType);
    await this.path.query(
      `update media set state = 'stored', size_bytes = $2, sha256 = $3, stored_at = now(), error = null
        where id = $1 and state = 'waiting'`,
      [file.id, measured.sizeBytes, measured.sha256()],
    );
  }

  async postpone(file: WaitingFile, delayMs: number, reason: string): Promise<void> {
    await this.path.query(
      `update media set next_at = now() + $3 * interval '1 ms', error = $4
        where id = $1 and state = 'waiting' and attempts = $2`,
      [file.id, file.attempt, delayMs, toStorableText(reason, 500)],
    );
  }

  async giveUp(file: WaitingFile, reason: string): Promise<void> {
    await this.path.query(`update media set state = 'failed', error = $2 where id = $1 and state = 'waiting'`, [
      file.id,
      toStorableText(reason, 500),
    ]);
  }
}
