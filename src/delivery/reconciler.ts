import { Inject, Injectable, Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Loops } from '../platform/loops/loops.js';
import { Wake } from '../platform/wake.js';
import { tellFailures } from './statuses/failure-events.js';
import { MAX_ATTEMPTS } from './settlement.js';
import { FAILURE_PATIENCE } from './statuses/status-events.js';
import { STILL_WAITING, waitingBehind } from './outbox/waiting-behind.js';

const EVERY_MS = 500;
const MAX_ROWS = 500;

/** A live worker records within its deadline, so whoever holds an expired lease is dead or frozen. */
const EXPIRE = `
  with expired as (
    select id from outbox where status = 'sending' and kind = 'send' and lease_until < now()
    order by lease_until limit ${MAX_ROWS} for update skip locked
  ), lost as (
    update outbox o set status = 'unknown', unknown_at = now(), lease_until = null,
      error = jsonb_build_object('code', 'unknown', 'class', 'unknown', 'reason', 'the worker that sent it is gone')
    from expired e where o.id = e.id
    returning o.id, o.conversation_id
  )
  update outbox f set next_at = now() + $1 * interval '1 ms' from lost l ${waitingBehind('l')}
  where ${STILL_WAITING}`;

/** A linked device that has to reconnect between its tries waits longer than most graces, and up to 5 minutes. */
const GRACES_FOR_A_DEVICE = 5;

/**
 * What a linked device sent is only told by its own socket, so while that is on its way back, the grace has not begun;
 * but somebody waits for what is behind.
 */
const IS_DUE = `status = 'unknown' and kind = 'send' and unknown_at <= now() - $1 * interval '1 ms'
  and (unknown_at <= now() - ${GRACES_FOR_A_DEVICE} * $1 * interval '1 ms' or not exists (
    select 1 from linked_session s where s.connection_id = outbox.connection_id
      and (s.state in ('connecting', 'waiting')
        or s.state = 'open' and (s.lease_until <= now() or s.last_open_at > now() - $1 * interval '1 ms'))))`;
const MAY_RESEND = `resend_policy = 'auto' and attempt < ${MAX_ATTEMPTS}`;

const RESEND = `
  with due as (
    select id from outbox where ${IS_DUE} and ${MAY_RESEND}
    order by unknown_at limit ${MAX_ROWS} for update skip locked
  )
  update outbox o set status = 'pending', next_at = now(), unknown_at = null
  from due where o.id = due.id
  returning o.id`;

const GIVE_UP = `
  with gone as (
    update outbox set status = 'failed', unknown_at = null, tell_failure_at = now() + ${FAILURE_PATIENCE},
      error = jsonb_build_object('code', 'unknown', 'class', 'unknown', 'reason', error->>'reason')
    where conversation_id = any($2::uuid[]) and ${IS_DUE} and not (${MAY_RESEND})
    returning *
  ), behind as (
    update outbox f set next_at = now() from gone g ${waitingBehind('g')}
    where ${STILL_WAITING} and w.next_at > now()
  ), handed as (
    update conversation v set mode = 'human',
      handoff = jsonb_build_object('team', null, 'note', null, 'by', 'unknown_send', 'at', now())
    where v.mode = 'bot' and v.id in (select conversation_id from gone)
    returning v.id, v.tenant_id, v.bot_id
  ), logged as (
    insert into log_event (tenant_id, kind, bot_id, body)
    select g.tenant_id, 'message.out', c.bot_id, jsonb_build_object(
      'conversationId', g.conversation_id, 'outboxId', g.id::text, 'outcome', 'unknown', 'provider', c.provider,
      'responseMs', null, 'errorClass', 'unknown')
    from gone g join connection c on c.id = g.connection_id
    union all
    select tenant_id, 'handoff', bot_id, jsonb_build_object('conversationId', id, 'by', 'unknown_send', 'team', null)
    from handed
  ), told as (
    insert into outgoing_event (tenant_id, type, body)
    select tenant_id, 'conversation.handed_over', jsonb_build_object(
      'conversationId', id, 'botId', bot_id, 'by', 'unknown_send', 'team', null) from handed
  )
  select count(*)::int as count from gone`;

/**
 * Settles sends whose outcome nobody knows (INV-5). An `unknown` row holds the later messages of its conversation.
 *
 *   sending ── lease ran out: the worker died ──────────────→ unknown, since now
 *   unknown ── a status with our id, at any time ───────────→ sent or failed (DeliveryStatusService)
 *           ── a late answer ───────────────────────────────→ what it says (OutcomeRecorder)
 *           ── grace over, resend `auto`, < 8 attempts ─────→ pending; the next claim is attempt + 1
 *           ── grace over, resend `never`, or 8 attempts ───→ failed as `unknown`, and a person takes the conversation
 *   failed as `unknown` ── a status after all ──────────────→ sent or failed; the person stays
 *
 * A grace begins no earlier than this process, or than it saw Postgres return: before that no status could be stored, and
 * providers take their time to repeat one. Nor does it before a linked device is open again, for a while.
 *
 * Every process of the role does this; rows are locked and skipped, so two never settle the same one.
 */
@Injectable()
export class ReconcilerService {
  private readonly logger = new Logger(ReconcilerService.name);
  /** Since when Postgres answers without a break; null when it did not the last time. */
  private upSinceMs: number | null = null;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly wake: Wake,
    private readonly clock: Clock,
    loops: Loops,
  ) {
    loops.add({ name: 'Reconciler', group: 'delivery', restMs: EVERY_MS, round: () => this.reconcile() });
  }

  /** One round: leases, then graces. */
  async reconcile(): Promise<void> {
    try {
      await this.path.query(EXPIRE, [this.env.unknownGraceMs]);
      await tellFailures(this.path);
      const nowMs = this.clock.now().getTime();
      this.upSinceMs ??= nowMs;
      if (nowMs - this.upSinceMs >= this.env.unknownGraceMs) await this.settleDue();
    } catch (error) {
      if (this.path.isDown(error)) this.upSinceMs = null;
      throw error;
    }
  }

  private async settleDue(): Promise<void> {
    const resent = await this.path.query(RESEND, [this.env.unknownGraceMs]);
    const given = await this.giveUp();
    if (given > 0) this.logger.warn({ messages: given }, 'sends ended as unknown; a person has the conversation');
    if (resent.length + given > 0) this.wake.signal('outbox');
  }

  /** The turn loop locks a conversation before its outbox rows; so does this, or the two could wait for each other. */
  private giveUp(): Promise<number> {
    return this.path.transaction(async (client: PoolClient) => {
      const due = await client.query<{ conversation_id: string }>(
        `select distinct conversation_id from outbox where ${IS_DUE} and not (${MAY_RESEND}) limit ${MAX_ROWS}`,
        [this.env.unknownGraceMs],
      );
      if (due.rows.length === 0) return 0;
      const ids = due.rows.map(({ conversation_id: id }) => id);
      await client.query('select 1 from conversation where id = any($1::uuid[]) order by id for update', [ids]);
      const { rows } = await client.query<{ count: number }>(GIVE_UP, [this.env.unknownGraceMs, ids]);
      return rows[0]?.count ?? 0;
    });
  }
}
