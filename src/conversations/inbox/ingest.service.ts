import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { isUnavailable } from '../../platform/database/connection-errors.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { LiveEvents } from '../../platform/live-events.js';
import { Wake } from '../../platform/wake.js';
import { EventStore } from './event-store.js';
import type { IngestEvent, ReceivedEvent, StoreResult } from './ingest-event.js';
import { isRefusal } from './store-errors.js';
import { NaturalBatches } from '../../platform/loops/batcher.js';
import { SpoolReplay } from '../../platform/spool/spool-replay.js';
import { Spool } from '../../platform/spool/spool.js';

export type { IngestEvent, ReceivedEvent };

/** Events per transaction: enough to share a commit, few enough to hold their rows only for milliseconds. */
const MAX_BATCH = 500;

/** The way in for every message: when a call resolves, its events survive a crash (INV-1) and count once (INV-2). */
@Injectable()
export class IngestService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly store: EventStore;
  private readonly spool: Spool<ReceivedEvent>;
  private readonly replay: SpoolReplay<ReceivedEvent>;
  private readonly listeners = new Set<(events: readonly ReceivedEvent[]) => void>();
  private readonly batches = new NaturalBatches<ReceivedEvent>(MAX_BATCH, (events) => this.keep(events));

  constructor(
    @Inject(ENV) env: Env,
    path: PathPool,
    private readonly clock: Clock,
    private readonly wake: Wake,
    live: LiveEvents,
  ) {
    this.store = new EventStore(path, clock, wake, live);
    this.spool = new Spool(env.dataDir, 'spool', revive);
    this.replay = new SpoolReplay(this.spool, path, (events) => this.storeAndWake(events), isRefusal, wake);
  }

  /** What an earlier process could not store goes first. */
  async onModuleInit(): Promise<void> {
    await this.adoptSpools();
  }

  /** Looks for messages that dead processes left on the disk. */
  async adoptSpools(): Promise<void> {
    await this.spool.adopt();
    if (!this.spool.isEmpty) this.replay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.batches.idle();
    await this.replay.stop();
    await this.spool.close();
  }

  /** Told of what was stored, after the commit; whoever listens neither throws nor makes anybody wait. */
  onStored(listener: (events: readonly ReceivedEvent[]) => void): void {
    this.listeners.add(listener);
  }

  /** Bytes waiting on disk for Postgres to return. */
  get spoolBytes(): number {
    return this.spool.sizeBytes;
  }

  /**
   * Resolves once every event is committed, or, while Postgres is down or takes nothing, fsynced to the spool. Events of one call are
   * taken in the order of the provider's second, then as given.
   *
   * @throws whatever Postgres refused, such as an unknown bot; the provider then delivers again
   */
  ingest(events: readonly IngestEvent[]): Promise<void> {
    const receivedAt = this.clock.now();
    return this.batches.add(events.map((event) => ({ ...event, receivedAt })));
  }

  private async keep(events: readonly ReceivedEvent[]): Promise<StoreResult> {
    // Behind a spool everything queues, or a later message would overtake an earlier one (INV-3).
    if (this.spool.isEmpty) {
      try {
        return await this.storeAndWake(events);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
    }
    await this.spool.append(events);
    this.replay.start();
    return events.map(() => null);
  }

  private async storeAndWake(events: readonly ReceivedEvent[]): Promise<StoreResult> {
    const result = await this.store.store(events);
    this.wake.signal('turns');
    if (events.some(({ content }) => content.media)) this.wake.signal('files');
    for (const listener of this.listeners) listener(events);
    return result;
  }
}

function revive(event: ReceivedEvent): ReceivedEvent {
  return { ...event, providerAt: new Date(event.providerAt), receivedAt: new Date(event.receivedAt) };
}
