import { Injectable } from '@nestjs/common';

/** How soon a loop looks for other processes' work: soon after there was some, less often in a lull. */
const LOOK_MS = 100;
const LULL_LOOK_MS = 300;
const LULL_AFTER_MS = 5000;

/**
 * Tells loops of this process that there is work, so that nothing waits for the next poll. Other processes find the
 * work by polling. A signal that comes while nobody waits is kept: the next wait returns at once.
 */
@Injectable()
export class Wake {
  private readonly pending = new Set<string>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly lastWorkAt = new Map<string, number>();

  signal(topic: string): void {
    this.found(topic);
    const waiters = this.waiting.get(topic);
    if (!waiters?.size) {
      this.pending.add(topic);
      return;
    }
    for (const wake of waiters) wake();
  }

  /** There was work: more of it may come, also from another process. */
  found(topic: string): void {
    this.lastWorkAt.set(topic, performance.now());
  }

  /** Resolves when there is a signal or it is time to look. */
  untilLook(topic: string, stop: AbortSignal): Promise<void> {
    const quietMs = performance.now() - (this.lastWorkAt.get(topic) ?? 0);
    return this.wait(topic, quietMs < LULL_AFTER_MS ? LOOK_MS : LULL_LOOK_MS, stop);
  }

  /** Resolves on the next signal, after `timeoutMs`, or when `signal` aborts, whichever comes first. */
  wait(topic: string, timeoutMs: number, stop?: AbortSignal): Promise<void> {
    if (this.pending.delete(topic) || stop?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.waiting.get(topic) ?? new Set();
      this.waiting.set(topic, waiters);
      const done = () => {
        clearTimeout(timer);
        waiters.delete(done);
        stop?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      waiters.add(done);
      stop?.addEventListener('abort', done);
    });
  }
}
