import { Injectable } from '@nestjs/common';
import { positionOf, type Position, type SessionState } from '../../flows/engine/session-state.js';
import { LiveEvents } from '../../platform/live-events.js';
import { RedisClients } from '../../platform/redis.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ConversationMetrics } from '../conversations.metrics.js';
import { publishHandOvers, type HandedOver } from '../handover/hand-over.js';
import type { Claimed, Decision } from './claimed.js';

const TTL_SECONDS = 24 * 60 * 60;

/** Where a conversation stood after this turn; null where no flow ran. */
export type KnownPosition = { readonly turn: number; readonly position: Position | null };

/**
 * Where conversations stand in their flows, in Redis after each commit: nothing of what customers said. The row in
 * Postgres decides whether it still holds; Redis may be wiped or gone at any time, and then only a counter shows it
 * (INV-10).
 */
@Injectable()
export class ReadModel {
  constructor(
    private readonly redis: RedisClients,
    private readonly metrics: ConversationMetrics,
    private readonly live: LiveEvents,
  ) {}

  publish(claimed: readonly Claimed[], decisions: readonly Decision[]): void {
    const { commands } = this.redis;
    if (!commands || decisions.length === 0) return;
    if (commands.status !== 'ready') return this.metrics.countReadModelError();
    const batch = commands.pipeline();
    for (const [index, { patch }] of decisions.entries()) {
      const known: KnownPosition = { turn: patch.turn, position: positionOf(patch.state as SessionState | null) };
      batch.set(keyOf(claimed[index]?.tenantId, patch.id), JSON.stringify(known), 'EX', TTL_SECONDS);
    }
    batch.exec().catch(() => this.metrics.countReadModelError());
  }

  /** To whoever looks. */
  publishHandOvers(handed: readonly HandedOver[]): void {
    publishHandOvers(this.live, handed);
  }

  /** Those it knows, by id. None while Redis is away. */
  async find(tenantId: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, KnownPosition>> {
    const { commands } = this.redis;
    if (commands?.status !== 'ready') return new Map();
    try {
      const found = await commands.mget(ids.map((id) => keyOf(tenantId, id)));
      return new Map(
        ids.flatMap((id, index) => {
          const text = found[index];
          return text ? [[id, JSON.parse(text) as KnownPosition]] : [];
        }),
      );
    } catch {
      this.metrics.countReadModelError();
      return new Map();
    }
  }
}

function keyOf(tenantId: string | undefined, id: string): string {
  return `position:${tenantId}:${id}`;
}
