import type { Dispatcher } from 'undici';

/** Connections that open with the first request; undici, a megabyte of code, is loaded no earlier. */
export class LazyDispatcher<T extends Dispatcher> {
  private opened: Promise<T> | undefined;

  constructor(private readonly open: (undici: typeof import('undici')) => T) {}

  get(): Promise<T> {
    return (this.opened ??= import('undici').then(this.open));
  }

  async close(): Promise<void> {
    await (await this.opened)?.close();
  }
}
