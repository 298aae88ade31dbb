import { Injectable, Logger } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { LiveEvents } from '../../platform/live-events.js';
import { HANDED_OVER, handOver, publishHandOvers, type HandedOver } from '../../conversations/handover/hand-over.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ScheduledJobs } from '../../platform/jobs/scheduled-jobs.js';
import { Loops } from '../../platform/loops/loops.js';
import { toStoredKey } from './linked-reading.js';
import type { LinkedKey, OpenSession } from '../../providers/baileys/linked-socket.js';
import { OpenSessions } from '../open-sessions.js';
import { SentMessages } from '../sent-messages.js';

const EVERY_MS = 5_000;
const BATCH = 50;
/** Baileys asks the phone once by itself, at once. */
const FIRST_MS = 60_000;
/** Waits after each further question; when they are used up, a person has the conversation. */
const NEXT_MS = [5 * 60_000, 20 * 60_000, 60 * 60_000] as const;
/** The phone may be off for long; the customer should not wait for it for ever. */
const GIVE_UP_AFTER = '3 hours';

type Due = { readonly connectionId: string; readonly messageId: string; readonly key: LinkedKey };

/**
 * Messages that came without their content, as those of customers who come by an ad do. One row each:
 *
 *   waiting ── its content came ───────────────────→ gone
 *           ── due, device open here ──────────────→ the phone is asked; waiting, longer than before
 *           ── asked often enough, or 3 hours old ─→ gone, and a person has the conversation
 */
@Injectable()
export class Placeholders {
  private readonly logger = new Logger('LinkedDevices');

  constructor(
    private readonly path: PathPool,
    private readonly open: OpenSessions,
    sent: SentMessages,
    jobs: ScheduledJobs,
    loops: Loops,
    private readonly live: LiveEvents,
  ) {
    jobs.add({
      name: 'linked-sent-retention',
      group: 'delivery',
      everyMs: DAY_MS,
      offsetMs: 4 * HOUR_MS + 23 * MINUTE_MS,
      run: () => sent.forgetOld(),
    });
    loops.add({ name: 'Placeholders', group: 'delivery', restMs: EVERY_MS, round: () => this.runOnce() });
  }

  async note({ tenantId, connectionId }: OpenSession, keys: readonly LinkedKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.path.query(
      `insert into linked_placeholder (connection_id, message_id, tenant_id, key, next_at)
       select $1, key->>'id', $2, key, now() + $4 * interval '1 ms' from jsonb_array_elements($3::jsonb) key
       on conflict do nothing`,
      [connectionId, tenantId, JSON.stringify(keys.map(toStoredKey)), FIRST_MS],
    );
  }

  /** One round: what was read meanwhile, what is hopeless, what is to be asked for by devices open here. */
  async runOnce(): Promise<void> {
    await this.path.query(READ);
    const handed = await this.path.query<HandedOver>(GIVE_UP, [NEXT_MS.length]);
    publishHandOvers(this.live, handed);
    if (handed.length > 0) this.logger.warn({ conversations: handed.length }, 'messages that never became readable');
    const due = await this.path.query<Due>(CLAIM, [this.open.ids(), [...NEXT_MS], BATCH]);
    await Promise.all(due.map((placeholder) => this.ask(placeholder)));
  }

  private async ask({ connectionId, key }: Due): Promise<void> {
    try {
      await this.open.find(connectionId)?.socket.requestPlaceholderResend(key);
    } catch (error) {
      this.logger.warn({ err: error, connectionId }, 'the phone could not be asked for a message');
    }
  }
}

/** The inbox knows: content takes the place of its placeholder there. */
const READ = `
  delete from linked_placeholder p using seen s
   where s.connection_id = p.connection_id and s.dedupe_key = p.message_id and not s.is_placeholder`;

const GIVE_UP = `
  with hopeless as (
    delete from linked_placeholder
     where (asked >= $1 and next_at <= now()) or created_at < now() - interval '${GIVE_UP_AFTER}'
    returning connection_id, message_id
  ), talks as (
    select distinct c.tenant_id, i.conversation_id from hopeless h
      join connection k on k.id = h.connection_id
      join conversation c on c.bot_id = k.bot_id
      join inbox i on i.conversation_id = c.id and i.dedupe_key = h.message_id
  )
  select ${HANDED_OVER} from talks t cross join lateral ${handOver({
    tenantId: 't.tenant_id',
    conversationId: 't.conversation_id',
    by: `'unreadable'`,
  })}`;

const CLAIM = `
  with due as (
    select connection_id, message_id from linked_placeholder
     where next_at <= now() and connection_id = any($1::uuid[])
     order by next_at limit $3 for update skip locked
  )
  update linked_placeholder p set asked = p.asked + 1,
    next_at = now() + ($2::bigint[])[p.asked + 1] * interval '1 ms'
    from due where p.connection_id = due.connection_id and p.message_id = due.message_id
  returning p.connection_id as "connectionId", p.message_id as "messageId", p.key`;
