/**
 * SQL to follow `from <row>`: for each row, as `w`, the sends of its conversation that wait behind it and were never
 * tried; their `next_at` means nothing but "not before the one in front". To be used with `f.id = w.id`.
 *
 * `offset 0`, `+ 0` and `|| ''` leave the planner one index to probe, `outbox_open`. With statistics from before a
 * burst it else believes that hardly anything is pending, and reads all of it for every row.
 */
export function waitingBehind(row: string): string {
  return `cross join lateral (
      select p.id, p.next_at from outbox p
      where p.conversation_id = ${row}.conversation_id and p.id + 0 > ${row}.id and p.kind = 'send' and p.attempt = 0
        and p.status in ('pending', 'sending', 'unknown') and p.status || '' = 'pending'
      offset 0) w`;
}

/** The row to move is still what it was when it was found. */
export const STILL_WAITING = `f.id = w.id and f.status || '' = 'pending' and f.attempt = 0`;
