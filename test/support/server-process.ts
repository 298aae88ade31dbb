import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { choosePort } from '../../src/platform/embedded/server-port.js';

const READY_TIMEOUT_MS = 60_000;

export type ServerProcess = {
  readonly url: string;
  readonly isRunning: boolean;
  readonly pid: number | undefined;
  /** Resolves when the process answers on its port. */
  start(): Promise<void>;
  /** SIGKILL: nothing is finished, nothing is said. */
  kill(): Promise<void>;
  /** SIGTERM: drains; resolves with the exit code. */
  stop(): Promise<number | null>;
};

/** The production bundle as a process of its own, always on the same port and data folder, so that it can come back. */
export async function serverProcess(
  dir: string,
  name: string,
  variables: Record<string, string>,
  program = 'dist/main.js',
): Promise<ServerProcess> {
  const port = await choosePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(dir, name);
  await mkdir(dataDir, { recursive: true });
  const log = createWriteStream(join(dir, `${name}.log`), { flags: 'a' });
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const running = child;
    if (!running || running.exitCode !== null || running.signalCode !== null) return null;
    const exited = once(running, 'exit');
    running.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  };
  return {
    url,
    get isRunning() {
      return child !== null && child.exitCode === null && child.signalCode === null;
    },
    get pid() {
      return child?.pid;
    },
    start: async () => {
      child = spawn(process.execPath, ['--max-semi-space-size=4', resolve(program)], {
        env: { PATH: process.env['PATH'], PORT: String(port), DATA_DIR: dataDir, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      await answering(url, child);
    },
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${url} ended before it answered`);
    const isUp = await fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`${url} did not answer within ${READY_TIMEOUT_MS} ms`);
}
