import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect } from '../src/platform/database/row-level-security.js';

/**
 * Files: what customers sent, to be fetched from their provider, and what people uploaded to be sent. No foreign key to
 * the line a file came by: the path writes it together with the message, as all of the message path's tables.
 */
export class Media1764000000013 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table media (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references tenant,
        origin text not null check (origin in ('upload', 'customer')),
        state text not null check (state in ('waiting', 'stored', 'failed')),
        mime_type text not null,
        filename text,
        size_bytes bigint,
        sha256 text,
        connection_id uuid,
        message_key text,
        provider_media jsonb,
        attempts int not null default 0,
        next_at timestamptz not null default now(),
        error text,
        created_at timestamptz not null default now(),
        stored_at timestamptz,
        check ((origin = 'customer') = (connection_id is not null)),
        check ((origin = 'customer') = (message_key is not null)),
        check (state <> 'stored' or (size_bytes is not null and sha256 is not null and stored_at is not null))
      );
      comment on column media.message_key is 'Names the message on its line: seen.dedupe_key';
      comment on column media.provider_media is 'What the provider needs to open the file; never shown';
      comment on column media.next_at is 'When to fetch, or to fetch again if whoever fetches now should die';
      create unique index media_message on media (connection_id, message_key) where connection_id is not null;
      create index media_due on media (next_at) where state = 'waiting';
      create index media_page on media (tenant_id, created_at, id);

      create table media_upload (
        connection_id uuid not null references connection on delete cascade,
        media_id uuid not null references media on delete cascade,
        tenant_id uuid not null references tenant,
        provider_media_id text not null,
        valid_until timestamptz not null,
        primary key (connection_id, media_id)
      );
      comment on table media_upload is 'Files a provider already has, under its own id';
      create index media_upload_media on media_upload (media_id);

      alter table bot add column read_receipts boolean not null default false;
      comment on column bot.read_receipts is 'Marks messages read and shows that the bot is writing';
    `);
    await db.query(protect('media', { app: 'select, insert, update, delete', path: 'select, insert, update' }));
    await db.query(protect('media_upload', { app: 'select', path: 'select, insert, update' }));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table bot drop column read_receipts; drop table media_upload; drop table media;');
  }
}
