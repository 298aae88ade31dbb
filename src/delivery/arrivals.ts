import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { PathPool } from '../platform/database/path-pool.js';
import { Loops } from '../platform/loops/loops.js';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';

const EVERY_MS = 30_000;
/** Time for a status to come. */
const PATIENCE_MS = 2 * 60_000;
const SAMPLE_EVERY_MS = 1000;
const MAX_SAMPLES = 60;
/** Of fewer nothing can be said: telephones are off. */
const LEAST_SAMPLES = 20;
const LEAST_SHARE = 0.1;
const HOLD_MS = 10 * 60_000;

type Sample = { readonly outboxId: string; readonly atMs: number };
type Watched = { samples: Sample[]; hasProved: boolean };
type Proof = { connectionId: string; sent: number; arrived: number };

/**
 * Watches for a connection whose messages are accepted and never arrive: one message a second of each connection is looked up again
 * two minutes later. A connection that was never told of an arrival is not judged: it has no status webhook, perhaps.
 */
@Injectable()
export class Arrivals {
  private readonly watched = new Map<string, Watched>();

  constructor(
    loops: Loops,
    private readonly path: PathPool,
    private readonly connections: ConnectionDirectory,
    private readonly clock: Clock,
  ) {
    loops.add({ name: 'Arrivals', group: 'delivery', restMs: EVERY_MS, round: () => this.check() });
  }

  noteAccepted(connectionId: string, outboxId: string): void {
    const nowMs = this.clock.now().getTime();
    const connection = this.watched.get(connectionId) ?? { samples: [], hasProved: false };
    this.watched.set(connectionId, connection);
    const last = connection.samples.at(-1);
    if (connection.samples.length >= MAX_SAMPLES || (last && nowMs - last.atMs < SAMPLE_EVERY_MS)) return;
    connection.samples.push({ outboxId, atMs: nowMs });
  }

  /** Judges the connections of which enough messages had their time. */
  async check(): Promise<void> {
    const dueBefore = this.clock.now().getTime() - PATIENCE_MS;
    for (const [connectionId, connection] of this.watched) {
      const due = connection.samples.filter(({ atMs }) => atMs <= dueBefore);
      if (due.length < LEAST_SAMPLES) continue;
      connection.samples = connection.samples.filter(({ atMs }) => atMs > dueBefore);
      await this.judge(connectionId, connection, due);
    }
  }

  private async judge(connectionId: string, watched: Watched, due: readonly Sample[]): Promise<void> {
    const [proof] = await this.path.query<Proof>(
      `select count(*)::int as sent, count(*) filter (where delivery <> 'sent')::int as arrived
       from outbox where id = any($1::bigint[]) and connection_id = $2`,
      [due.map(({ outboxId }) => outboxId), connectionId],
    );
    if (!proof || proof.sent < LEAST_SAMPLES) return;
    const { sent, arrived } = proof;
    if (arrived >= sent * LEAST_SHARE) watched.hasProved = true;
    else if (watched.hasProved) {
      const connection = await this.connections.find(connectionId);
      if (connection)
        await this.connections.report(
          connection,
          'degraded',
          `of ${sent} accepted messages ${arrived} arrived`,
          HOLD_MS,
        );
    }
  }
}
