import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One sealed value that tells at a start whether its encryption key is the one everything else is sealed with. */
export class EncryptionCanary1764000000022 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table encryption_canary (
        id boolean primary key default true check (id),
        sealed bytea not null,
        key_id text not null
      );
      alter table encryption_canary enable row level security;
      create policy owner_only on encryption_canary using (false);`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table encryption_canary;');
  }
}
