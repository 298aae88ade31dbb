import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PATH_ROLE } from '../src/platform/database/row-level-security.js';

/** What the choice of a line needs, and what integrators were told of a message. */
export class Routing1764000000012 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table bot
        add column failover text not null default 'same_number' check (failover in ('same_number', 'any_number')),
        add column window_template jsonb;
      comment on column bot.window_template is '{name, language, params}: sent where free text may not go any more';

      alter table connection
        add column number text check (number ~ '^\\+[1-9][0-9]{1,14}$'),
        add column restricted_until timestamptz;
      create index connection_unwell on connection (health_at)
        where state = 'active' and health in ('degraded', 'auth_lost');
      comment on column connection.number is 'The number customers see, E.164; lines that share it stand in for each other';
      comment on column connection.restricted_until is 'Until then the number writes to nobody first';

      alter table conversation add column heard_before jsonb;
      comment on column conversation.heard_before is 'When the customer last wrote by a line other than connection_id: {line: time}';

      alter table outbox
        add column sent_as jsonb,
        add column told smallint not null default 0,
        add column tell_failure_at timestamptz;
      comment on column outbox.sent_as is 'The template that left in place of body';
      comment on column outbox.told is 'How far integrators know: 0 nothing, 1 sent, 3 delivered, 4 read, 5 played';
      comment on column outbox.tell_failure_at is 'When integrators are told that it failed, unless it arrives before';
      create index outbox_untold on outbox (tell_failure_at) where tell_failure_at is not null;

      grant update (restricted_until) on connection to ${PATH_ROLE};`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table outbox drop column sent_as, drop column told, drop column tell_failure_at;
      alter table conversation drop column heard_before;
      drop index connection_unwell;
      alter table connection drop column number, drop column restricted_until;
      alter table bot drop column failover, drop column window_template;`);
  }
}
