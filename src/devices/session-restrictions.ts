import { Injectable } from '@nestjs/common';
import { PathPool } from '../platform/database/path-pool.js';
import type { ConnectionUpdate, MessageCapping } from '../providers/baileys/linked-socket.js';

/** WhatsApp does not always say until when. */
const UNTOLD_MS = 24 * 3_600_000;

export type Restriction = { readonly until: Date | null; readonly reason: string | null };

/**
 * Numbers that may not write first for a while: WhatsApp's reach-out time lock, its cap on new chats, and the refusals
 * (463) by which a lock shows. Answers to people who wrote still pass.
 */
@Injectable()
export class SessionRestrictions {
  constructor(private readonly path: PathPool) {}

  /** @returns whether that is news */
  async note(connectionId: string, { until, reason }: Restriction): Promise<boolean> {
    const rows = await this.path.query(
      `update linked_session set restricted_until = $2, restriction_reason = $3, updated_at = now()
        where connection_id = $1 and (restricted_until, restriction_reason) is distinct from ($2::timestamptz, $3)
        returning 1`,
      [connectionId, until, reason],
    );
    return rows.length > 0;
  }

  /** A first contact was refused: the lock itself is told later, or never. A longer one that is known stays. */
  async refused(connectionId: string, now: Date): Promise<boolean> {
    const rows = await this.path.query(
      `update linked_session set restricted_until = $2, restriction_reason = 'first_contact_refused', updated_at = now()
        where connection_id = $1 and coalesce(restricted_until <= now(), true) returning 1`,
      [connectionId, new Date(now.getTime() + UNTOLD_MS)],
    );
    return rows.length > 0;
  }

  async of(connectionId: string): Promise<Restriction> {
    const [row] = await this.path.query<Restriction>(
      `select restricted_until as until, restriction_reason as reason from linked_session
        where connection_id = $1 and restricted_until > now()`,
      [connectionId],
    );
    return row ?? { until: null, reason: null };
  }
}

export function readTimeLock(lock: NonNullable<ConnectionUpdate['reachoutTimeLock']>, now: Date): Restriction {
  if (!lock.isActive) return { until: null, reason: null };
  const reason = lock.enforcementType ? `time_lock: ${lock.enforcementType}` : 'time_lock';
  const ends = lock.timeEnforcementEnds;
  const isTold = ends instanceof Date && ends > now;
  return { until: isTold ? ends : new Date(now.getTime() + UNTOLD_MS), reason };
}

/** Null when it says nothing about a restriction. */
export function readCapping(capping: MessageCapping, now: Date): Restriction | null {
  if (capping.capping_status === undefined) return null;
  if (capping.capping_status !== 'CAPPED') return { until: null, reason: null };
  const ends = new Date(Number(capping.cycle_end_timestamp) * 1000);
  return { until: ends > now ? ends : new Date(now.getTime() + UNTOLD_MS), reason: 'new_chats_capped' };
}
