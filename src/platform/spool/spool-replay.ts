import { Logger } from '@nestjs/common';
import type { PathPool } from '../database/path-pool.js';
import { WorkerLoop, type Round } from '../loops/worker-loop.js';
import type { Wake } from '../wake.js';
import type { Segment } from './segment.js';
import type { Spool } from './spool.js';

const BATCH = 500;
/** It is woken when there is something to do. */
const REST_MS = 60_000;

/** Carries the spool to Postgres once it is back, oldest first; a segment is removed after its commit. */
export class SpoolReplay<T extends object> {
  private readonly logger = new Logger('Spool');
  private readonly loop: WorkerLoop;
  private readonly topic: string;
  private isReplaying = false;

  constructor(
    private readonly spool: Spool<T>,
    private readonly path: PathPool,
    /** Per event, in order: null when it is stored, else why not. */
    private readonly store: (events: readonly T[]) => Promise<readonly (Error | null)[]>,
    /** Whether the same event would be refused again. */
    private readonly isRefusal: (error: unknown) => boolean,
    private readonly wake: Wake,
  ) {
    this.topic = `spool ${spool.name}`;
    this.loop = new WorkerLoop({ name: 'Spool', topic: this.topic, restMs: REST_MS, round: () => this.round() }, wake);
  }

  /** Harmless when it runs already. */
  start(): void {
    this.loop.start();
    this.wake.signal(this.topic);
  }

  /** What is not replayed yet stays on the disk for the next start. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<Round> {
    if (this.spool.isEmpty) return 'none';
    if (!this.isReplaying) this.logger.warn('Postgres takes nothing: what comes in goes to the spool');
    this.isReplaying = true;
    await this.spool.touch(new Date());
    // Asked first: a segment is closed only when it can be carried over.
    await this.path.proveWritable();
    const segment = await this.spool.oldest();
    if (segment) await this.replay(segment);
    if (!this.spool.isEmpty) return 'more';
    this.isReplaying = false;
    this.logger.log('The spool is replayed');
    return 'none';
  }

  private async replay(segment: Segment<T>): Promise<void> {
    const { events, unreadable } = await segment.read();
    let refused = unreadable;
    for (let at = 0; at < events.length; at += BATCH) {
      const result = await this.store(events.slice(at, at + BATCH));
      for (const error of result) {
        if (!error) continue;
        // Whatever may go better next time is tried again, the whole segment with it: what is stored counts once.
        if (!this.isRefusal(error)) throw error;
        refused += 1;
        this.logger.error(error, 'A spooled event is refused and stays in its file');
      }
    }
    await (refused > 0 ? segment.setAside() : segment.remove());
    this.spool.forget(segment);
  }
}
