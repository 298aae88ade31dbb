import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { GraphDoubleOptions } from '../test/support/graph-double.js';

export type GraphProcess = {
  readonly url: string;
  accepted(): Promise<number>;
  stop(): Promise<void>;
};

/** The provider as a process of its own, so that it does not take its time from the customers' event loop. */
export async function startGraphProcess(options: GraphDoubleOptions): Promise<GraphProcess> {
  const entry = fileURLToPath(new URL('./graph-double-process.js', import.meta.url));
  const child = spawn(process.execPath, [entry, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async <T>() => JSON.parse((await lines.next()).value ?? 'null') as T;
  const { url } = await read<{ url: string }>();
  return {
    url,
    accepted: async () => {
      child.stdin.write('{"do":"state"}\n');
      return (await read<{ accepted: number }>()).accepted;
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.stdin.write('{"do":"stop"}\n');
      await exited;
    },
  };
}
