import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export type StartedProcess = {
  /** Standard output and error as they came. */
  readonly said: () => string;
  /** Resolves with the exit code, by itself or after the signal. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  /** Resolves when it has said this. */
  saying(text: string): Promise<void>;
};

const SAYING_TIMEOUT_MS = 30_000;

/** The production bundle with these variables and no others; for what a start or a stop says and how it ends. */
export function startProcess(variables: Readonly<Record<string, string>>): StartedProcess {
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'close') as Promise<[number | null]>;
  return {
    said: () => said,
    end: async (signal) => {
      const startedAt = performance.now();
      if (signal) child.kill(signal);
      const [code] = await exited;
      return { code, tookMs: performance.now() - startedAt };
    },
    saying: async (text) => {
      const deadline = performance.now() + SAYING_TIMEOUT_MS;
      while (!said.includes(text)) {
        if (performance.now() > deadline || child.exitCode !== null) throw new Error(`It did not say ${text}: ${said}`);
        await delay(20);
      }
    },
  };
}
