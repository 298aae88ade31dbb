import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { isUnavailable } from '../database/connection-errors.js';
import type { PathPool } from '../database/path-pool.js';
import type { Segment } from './segment.js';
import type { Spool } from './spool.js';

const BATCH = 500;
const RETRY_MS = 250;

/** Carries the spool to Postgres once it is back, oldest first; a segment is removed after its commit. */
export class SpoolReplay<T extends object> {
  private readonly logger = new Logger('Spool');
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;

  constructor(
    private readonly spool: Spool<T>,
    private readonly path: PathPool,
    /** Per event, in order: null when it is stored, else why not. */
    private readonly store: (events: readonly T[]) => Promise<readonly (Error | null)[]>,
    /** Whether the same event would be refused again. */
    private readonly isRefusal: (error: unknown) => boolean,
  ) {}

  /** Harmless when it runs already. */
  start(): void {
    if (this.stopping.signal.aborted) return;
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (!this.spool.isEmpty) this.start();
    });
  }

  /** What is not replayed yet stays on the disk for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    this.logger.warn('Postgres takes nothing: what comes in goes to the spool');
    while (!this.stopping.signal.aborted) {
      try {
        await this.spool.touch(new Date());
        // Asked first: a segment is closed only when it can be carried over.
        await this.path.proveWritable();
        const segment = await this.spool.oldest();
        if (!segment) break;
        await this.replay(segment);
      } catch (error) {
        if (!isUnavailable(error)) this.logger.error(error, 'The spool cannot be replayed');
        await delay(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    if (this.spool.isEmpty) this.logger.log('The spool is replayed');
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
