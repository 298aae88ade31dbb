import { EventEmitter } from 'node:events';
import type { LinkedEventBatch, LinkedEventMap } from '../../src/providers/baileys/linked-socket.js';

type Handler = (batch: LinkedEventBatch) => void | Promise<void>;

/** Its `ev` behaves as Baileys 7's: single events, batches for `process`, and a buffer that is flushed as one. */
export class EventsDouble {
  private readonly emitter = new EventEmitter();
  private readonly handlers = new Set<Handler>();
  private buffered: LinkedEventBatch | null = null;

  on<E extends keyof LinkedEventMap>(event: E, listener: (data: LinkedEventMap[E]) => void): this {
    this.emitter.on(event, listener);
    return this;
  }

  off<E extends keyof LinkedEventMap>(event: E, listener: (data: LinkedEventMap[E]) => void): this {
    this.emitter.off(event, listener);
    return this;
  }

  process(handler: Handler): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  removeAllListeners(): void {
    this.emitter.removeAllListeners();
    this.handlers.clear();
  }

  /** What is emitted from now on comes as one batch with `flush`. */
  buffer(): void {
    this.buffered ??= {};
  }

  flush(): Promise<void> {
    const batch = this.buffered;
    this.buffered = null;
    return batch ? this.deliver(batch) : Promise.resolve();
  }

  /** Resolves when every handler is through; a real socket does not wait for that. */
  emit<E extends keyof LinkedEventMap>(event: E, data: LinkedEventMap[E]): Promise<void> {
    if (!this.buffered) return this.deliver({ [event]: data });
    Object.assign(this.buffered, { [event]: data });
    return Promise.resolve();
  }

  private async deliver(batch: LinkedEventBatch): Promise<void> {
    for (const [event, data] of Object.entries(batch)) this.emitter.emit(event, data);
    // As in Baileys, a handler that fails is nobody's business but its own: here the test hears of it.
    await Promise.all([...this.handlers].map(async (handler) => handler(batch)));
  }
}
