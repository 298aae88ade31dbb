import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What becomes of a message that arrived so late that its customer may have given up. */
export class LateMessages1764000000023 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table bot add late_policy text not null default 'answer_if_last'
        check (late_policy in ('answer_if_last', 'hand_over'));
      comment on column bot.late_policy is 'Who answers a late message after which nothing was said: the bot, or a person';`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table bot drop column late_policy;');
  }
}
