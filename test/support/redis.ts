import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { choosePort } from '../../src/platform/embedded/server-port.js';

/** Where redis-server is; null without one, and then the tests that want it say so and are skipped. */
export const redisServer: string | null = (() => {
  try {
    return execFileSync('which', ['redis-server'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
})();

if (!redisServer)
  process.stdout.write('Skipped, for want of redis-server on PATH (Debian: redis-server): tests on a real Redis\n');

export type TestRedis = {
  readonly url: string;
  readonly port: number;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** As `kill -9` does it; resolves when it is gone. */
  kill(): Promise<void>;
};

/** A real Redis that keeps nothing on disk. */
export async function startRedis(at?: number): Promise<TestRedis> {
  const port = at ?? (await choosePort());
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(redisServer ?? '', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  await isReady(server);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    kill: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
  };
}

function isReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.stdout?.on('data', (text: Buffer) => {
      if (text.toString().includes('Ready to accept connections')) resolve();
    });
  });
}
