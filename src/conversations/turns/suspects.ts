import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { isProcessAlive } from '../../platform/spool/process-alive.js';
import { MAX_FAILS } from './conversation-turns.js';
import { PARKED } from './turn-sql.js';

/** No transaction lives as long (PathPool's settings), so an older note is a dead worker's. */
const DEAD_AFTER = '15 seconds';

type Suspect = { readonly id: string; readonly tenantId: string };

/**
 * Who is being worked on, so that a process that dies of a conversation finds out which it was. Notes are committed
 * on their own, before the turns run, and lie in an unlogged table: they cost no fsync.
 */
@Injectable()
export class Suspects {
  private readonly process = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;

  constructor(private readonly path: PathPool) {}

  workerName(loop: number): string {
    return `${this.process}:${loop}`;
  }

  /** Replaces the worker's notes. */
  async note(worker: string, suspects: readonly Suspect[]): Promise<void> {
    await this.path.query(
      `with gone as (delete from suspect where worker = $1 and not (conversation_id = any($2::uuid[])))
       insert into suspect (worker, conversation_id, tenant_id)
       select $1, * from unnest($2::uuid[], $3::uuid[]) on conflict (worker, conversation_id) do update set noted_at = now()`,
      [worker, suspects.map(({ id }) => id), suspects.map(({ tenantId }) => tenantId)],
    );
  }

  async clear(worker: string): Promise<void> {
    await this.path.query('delete from suspect where worker = $1', [worker]);
  }

  /**
   * Takes over the notes of dead workers and counts a failed try for each of their conversations before anybody runs
   * it again; at the limit a person gets it instead.
   *
   * @returns the conversations to run alone
   */
  async takeOver(worker: string): Promise<string[]> {
    const workers = await this.path.query<{ worker: string; stale: boolean }>(
      'select worker, max(noted_at) < now() - $1::interval as stale from suspect group by worker',
      [DEAD_AFTER],
    );
    const others = workers.filter((row) => !row.worker.startsWith(this.process));
    const dead = others.filter((row) => row.stale || isDead(row.worker)).map((row) => row.worker);
    if (dead.length === 0) return [];
    const rows = await this.path.query<{ id: string }>(TAKE_OVER, [worker, dead, MAX_FAILS]);
    return rows.map(({ id }) => id);
  }
}

function isDead(worker: string): boolean {
  const [host, pid] = worker.split(':');
  return host === hostname() && (Number(pid) === process.pid || !isProcessAlive(Number(pid)));
}

const TAKE_OVER = `
  with gone as (
    delete from suspect where worker = any($2) returning conversation_id, tenant_id
  ), noted as (
    insert into suspect (worker, conversation_id, tenant_id)
    select distinct on (conversation_id) $1, conversation_id, tenant_id from gone on conflict do nothing
  )
  update conversation c set
      fails = fails + 1,
      mode = case when fails + 1 >= $3 then 'human' else mode end,
      handoff = case when fails + 1 >= $3 then ${PARKED} else handoff end,
      parked_reason = case when fails + 1 >= $3 then 'The process died in a turn of this conversation' else parked_reason end
    from (select distinct conversation_id from gone) s
   where c.id = s.conversation_id
  returning c.id`;
