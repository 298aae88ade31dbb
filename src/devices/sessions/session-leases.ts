import { Injectable } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { asTenantId, type TenantId } from '../../platform/tenancy/tenant-id.js';
import type { SessionState } from './session-state.js';

/** How long a session is safe with its holder after the last renewal (docs/decisions/020-leases-of-linked-devices.md). */
export const LEASE_MS = 8000;
/** Whom a holder hands its session to has so long to take it before anybody may. */
const HAND_OVER_MS = 5000;
/** So long after its holder was last heard of a session counts as between two holders. */
const BETWEEN_MS = 30_000;

/** A session this process holds. Every write names the fence: under an older one it changes nothing. */
export type Lease = { readonly connectionId: string; readonly holder: string; readonly fence: number };

export type HeldSession = Lease & {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly state: SessionState;
  readonly attempts: number;
  readonly closeCode: number | null;
  readonly closeRepeats: number;
  readonly pairingPhone: string | null;
  readonly traffic: object | null;
  readonly linkedAt: Date | null;
};

/** What others asked of a session since: the holder looks at every renewal. */
export type Asked = {
  readonly wantsLogout: boolean;
  readonly pairingPhone: string | null;
  readonly askedBy: string | null;
};

type ClaimedRow = Omit<HeldSession, 'tenantId' | 'holder'> & { readonly tenantId: string };

/** The rows that say which process holds which linked device; every comparison of times is Postgres' own. */
@Injectable()
export class SessionLeases {
  constructor(private readonly path: PathPool) {}

  /**
   * Takes up to `limit` sessions that nobody holds.
   *
   * @param patienceMs leaves them so long to processes that hold fewer
   */
  async claim(holder: string, limit: number, patienceMs: number): Promise<HeldSession[]> {
    const rows = await this.path.query<ClaimedRow>(CLAIM, [
      holder,
      limit,
      ms(patienceMs),
      ms(LEASE_MS),
      ms(HAND_OVER_MS),
    ]);
    return rows.map((row) => ({ ...row, holder, tenantId: asTenantId(row.tenantId) }));
  }

  /** What is not in the answer is lost: another process has it, or the connection is gone. */
  async renew(holder: string, leases: readonly Lease[]): Promise<Map<string, Asked>> {
    if (leases.length === 0) return new Map();
    const rows = await this.path.query<Asked & { connectionId: string }>(RENEW, [
      holder,
      leases.map(({ connectionId }) => connectionId),
      leases.map(({ fence }) => fence),
      ms(LEASE_MS),
    ]);
    return new Map(rows.map(({ connectionId, ...asked }) => [connectionId, asked]));
  }

  /** Whether there is any session that some process should hold. */
  async hasAny(): Promise<boolean> {
    return (await this.path.query(`select 1 from linked_session where ${LIVE} limit 1`)).length > 0;
  }

  /**
   * Asks the process with the most sessions for a few, when this one has at least two fewer: they come one after another,
   * each closed for a second, and only such as have been open for a while.
   */
  async askForShare(holder: string): Promise<void> {
    await this.path.query(ASK, [holder]);
  }

  /** Sessions that are another process's, or were until a moment ago and will be somebody's in another. */
  async elsewhere(holder: string): Promise<string[]> {
    const rows = await this.path.query<{ id: string }>(ELSEWHERE, [holder, ms(BETWEEN_MS)]);
    return rows.map(({ id }) => id);
  }
}

const LIVE = `state in ('connecting', 'qr', 'pairing', 'open', 'waiting')`;

const CLAIM = `
  with free as (
    select connection_id from linked_session
     where ${LIVE} and next_connect_at <= now() - $3::interval
       and (lease_until is null or lease_until <= now() - $3::interval)
       and (asked_by is null or asked_by = $1 or next_connect_at <= now() - $5::interval)
     order by next_connect_at limit $2 for update skip locked
  )
  update linked_session s set holder = $1, fence = s.fence + 1, lease_until = now() + $4::interval, asked_by = null
    from free f join connection c on c.id = f.connection_id
   where s.connection_id = f.connection_id
  returning s.connection_id as "connectionId", s.tenant_id as "tenantId", c.bot_id as "botId", s.fence::float8 as fence,
    s.state, s.attempts, s.close_code as "closeCode", s.close_repeats as "closeRepeats",
    s.pairing_phone as "pairingPhone", s.traffic, s.linked_at as "linkedAt"`;

const RENEW = `
  update linked_session s set lease_until = now() + $4::interval
    from unnest($2::uuid[], $3::bigint[]) as held(connection_id, fence)
   where s.connection_id = held.connection_id and s.fence = held.fence and s.holder = $1
  returning s.connection_id as "connectionId", s.wants_logout as "wantsLogout", s.pairing_phone as "pairingPhone",
    s.asked_by as "askedBy"`;

const ASK = `
  with load as (
    select holder, count(*) as held from linked_session where holder is not null and lease_until > now() group by holder
  ), richest as (
    select holder, held from load where holder <> $1 order by held desc, holder limit 1
  ), given as (
    select s.connection_id from linked_session s join richest r on r.holder = s.holder
     where s.state = 'open' and s.last_open_at < now() - interval '1 minute'
       and r.held >= 2 + coalesce((select held from load where holder = $1), 0)
       and not exists (select 1 from linked_session a where a.asked_by = $1 and a.holder is not null)
     order by s.last_open_at limit 2 for update of s skip locked
  )
  update linked_session s set asked_by = $1 from given g where s.connection_id = g.connection_id and s.asked_by is null`;

const ELSEWHERE = `
  select connection_id as id from linked_session
   where ${LIVE} and holder is distinct from $1 and coalesce(lease_until, updated_at) > now() - $2::interval`;

/** An interval as Postgres reads it. */
function ms(value: number): string {
  return `${Math.round(value)} milliseconds`;
}
