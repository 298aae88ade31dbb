import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program that says one JSON line when it is ready, and one for each command it gets. */
export type LineProcess<Ready> = {
  readonly ready: Ready;
  ask<Answer>(command: object): Promise<Answer>;
  stop(): Promise<void>;
};

/** Something as a process of its own, so that it does not take its time from whoever is measured. */
export async function startLineProcess<Ready>(program: URL, argument: string): Promise<LineProcess<Ready>> {
  const child = spawn(process.execPath, [fileURLToPath(program), argument], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async <T>() => {
    const line = await lines.next();
    if (line.done) throw new Error(`${program.pathname} ended`);
    return JSON.parse(line.value) as T;
  };
  return {
    ready: await read<Ready>(),
    ask: async <Answer>(command: object) => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return read<Answer>();
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.stdin.write('{"do":"stop"}\n');
      await exited;
    },
  };
}
