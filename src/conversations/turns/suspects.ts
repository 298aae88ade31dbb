import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { LiveEvents } from '../../platform/live-events.js';
import { isProcessAlive } from '../../platform/spool/process-alive.js';
import { MAX_FAILS } from './conversation-turns.js';
import { HANDED_OVER, publishHandOvers, type HandedOver } from '../handover/hand-over.js';
import { park } from './turn-sql.js';

/** No transaction lives as long (PathPool's settings), so an older note is a dead worker's. */
const DEAD_AFTER = '15 seconds';

type Taken = { readonly ids: string[]; readonly parked: readonly HandedOver[] };
type Suspect = { readonly id: string; readonly tenantId: string };

/**
 * Who is being worked on, so that a process that dies of a conversation finds out which it was. Notes are committed
 * on their own, before the turns run, and lie in an unlogged table: they cost no fsync.
 */
@Injectable()
export class Suspects {
  private readonly process = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;

  constructor(
    private readonly path: PathPool,
    private readonly live: LiveEvents,
  ) {}

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
    const [taken] = await this.path.query<Taken>(TAKE_OVER, [worker, dead, MAX_FAILS]);
    publishHandOvers(this.live, taken?.parked ?? []);
    return taken?.ids ?? [];
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
  ), failed as (
    update conversation c set fails = fails + 1
      from (select distinct conversation_id from gone) s
     where c.id = s.conversation_id
    returning c.id, c.tenant_id, c.fails
  ), parked as (
    select ${HANDED_OVER} from failed f
     cross join lateral ${park('f', `'The process died in a turn of this conversation'`)}
     where f.fails >= $3
  )
  select (select coalesce(array_agg(id), '{}') from failed) as ids,
         (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from parked p) as parked`;
