import type { GraphDoubleOptions } from '../test/support/graph-double.js';
import { startLineProcess } from './line-process.js';

export type GraphProcess = {
  readonly url: string;
  accepted(): Promise<number>;
  stop(): Promise<void>;
};

/** The provider as a process of its own, so that it does not take its time from the customers' event loop. */
export async function startGraphProcess(options: GraphDoubleOptions): Promise<GraphProcess> {
  const program = new URL('./graph-double-process.js', import.meta.url);
  const graph = await startLineProcess<{ url: string }>(program, JSON.stringify(options));
  return {
    url: graph.ready.url,
    accepted: async () => (await graph.ask<{ accepted: number }>({ do: 'state' })).accepted,
    stop: () => graph.stop(),
  };
}
