import { Injectable } from '@nestjs/common';

export type WakeTopic = 'turns' | 'files' | 'outbox' | 'effects' | 'merges' | 'sessions';

/**
 * Tells loops of this process that there is work, so that nothing waits for the next poll. Other processes find the
 * work by polling. A signal that comes while nobody waits is kept: the next wait returns at once.
 */
@Injectable()
export class Wake {
  private readonly pending = new Set<WakeTopic>();
  private readonly waiting = new Map<WakeTopic, Set<() => void>>();

  signal(topic: WakeTopic): void {
    const waiters = this.waiting.get(topic);
    if (!waiters?.size) {
      this.pending.add(topic);
      return;
    }
    for (const wake of waiters) wake();
  }

  /** Resolves on the next signal, after `timeoutMs`, or when `signal` aborts, whichever comes first. */
  wait(topic: WakeTopic, timeoutMs: number, stop?: AbortSignal): Promise<void> {
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
