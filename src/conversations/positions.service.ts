import { Injectable } from '@nestjs/common';
import { positionOf, type Position, type SessionState } from '../flows/engine/session-state.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { Positions, PositionView } from './positions.dto.js';
import { ReadModel } from './turns/read-model.js';

type Row = { readonly id: string; readonly turn: string; readonly isKnown: boolean; readonly state: unknown };

/**
 * A state is up to 64 KiB, and of a page of conversations each would be unpacked to see its step. So Redis is asked
 * first, and Postgres only gives the states of those that Redis does not know after their last turn.
 */
@Injectable()
export class PositionsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly readModel: ReadModel,
  ) {}

  /** Unknown conversations, another tenant's and those without a running flow are left out. */
  async list(tenantId: TenantId, ids: readonly string[]): Promise<Positions> {
    const unique = [...new Set(ids.map((id) => id.toLowerCase()))];
    const known = await this.readModel.find(tenantId, unique);
    const rows = await this.db.transaction(tenantId, (tx) =>
      tx.query<Row[]>(
        `select c.id, c.turn, k.turn is not null as "isKnown", case when k.turn is null then c.state end as state
           from conversation c
           left join unnest($2::uuid[], $3::bigint[]) k (id, turn) on k.id = c.id and k.turn = c.turn
          where c.tenant_id = $1 and c.id = any($2::uuid[]) and c.state is not null`,
        [tenantId, unique, unique.map((id) => known.get(id)?.turn ?? null)],
      ),
    );
    const items = rows.flatMap(({ id, turn, isKnown, state }) => {
      const position = isKnown ? known.get(id)?.position : positionOf(state as SessionState);
      return position ? [toPositionView(id, Number(turn), position)] : [];
    });
    return { items };
  }
}

function toPositionView(conversationId: string, turn: number, position: Position): PositionView {
  const { flow, step, waitsFor, sinceMs } = position;
  return {
    conversationId,
    turn,
    flow,
    step,
    waitsFor,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
  };
}
