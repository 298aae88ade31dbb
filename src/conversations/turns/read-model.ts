import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { ENV, type Env } from '../../platform/config/env.js';
import { LiveEvents } from '../../platform/live-events.js';
import { ConversationMetrics } from '../conversations.metrics.js';
import { publishHandOvers, type HandedOver } from '../handover/hand-over.js';
import type { Claimed, Decision } from './claimed.js';

const TTL_SECONDS = 24 * 60 * 60;

/**
 * The state of conversations in Redis after each commit, for views that must not cost the record a query. The row in
 * Postgres decides; Redis may be wiped or gone at any time, and then only a counter shows it (INV-10).
 */
@Injectable()
export class ReadModel implements OnApplicationShutdown {
  private readonly redis: Redis | null;

  constructor(
    @Inject(ENV) env: Env,
    private readonly metrics: ConversationMetrics,
    private readonly live: LiveEvents,
  ) {
    this.redis = env.redisUrl
      ? new Redis(env.redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1000 })
      : null;
    this.redis?.on('error', () => this.metrics.countReadModelError());
  }

  publish(claimed: readonly Claimed[], decisions: readonly Decision[]): void {
    const { redis } = this;
    if (redis?.status !== 'ready') return;
    const batch = redis.pipeline();
    for (const [index, { patch }] of decisions.entries()) {
      const tenantId = claimed[index]?.tenantId;
      const view = { mode: patch.mode, versionId: patch.version_id, turn: patch.turn, state: patch.state };
      batch.set(`conversation:${tenantId}:${patch.id}`, JSON.stringify(view), 'EX', TTL_SECONDS);
    }
    batch.exec().catch(() => this.metrics.countReadModelError());
  }

  /** To whoever looks. */
  publishHandOvers(handed: readonly HandedOver[]): void {
    publishHandOvers(this.live, handed);
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
