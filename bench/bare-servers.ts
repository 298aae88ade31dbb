import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { choosePort } from '../src/platform/embedded/server-port.js';

/** Something that starts, answers 200 on `url`, and stops. */
export type Startable = {
  readonly url: string;
  readonly pid: number | undefined;
  start(): Promise<void>;
  stop(): Promise<unknown>;
};

const NODE_HELLO = (port: number) => `
require('node:http').createServer((request, response) => response.end('hello')).listen(${port}, '127.0.0.1');`;

const FASTIFY_HELLO = (port: number) => `
const { fastify } = await import('fastify');
const app = fastify();
app.get('/', async () => ({ hello: 'world' }));
await app.listen({ port: ${port}, host: '127.0.0.1' });`;

/** The least a Node program that answers HTTP can be. */
export async function bareNode(): Promise<Startable> {
  const port = await choosePort();
  return program(port, ['-e', NODE_HELLO(port)]);
}

/** The framework below ours, with one route and nothing else. */
export async function rawFastify(): Promise<Startable> {
  const port = await choosePort();
  return program(port, ['--input-type=module', '-e', FASTIFY_HELLO(port)]);
}

function program(port: number, args: readonly string[]): Startable {
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  return {
    url,
    get pid() {
      return child?.pid;
    },
    start: async () => {
      child = spawn(process.execPath, args, {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
      });
      await answers(url);
    },
    stop: async () => {
      if (!child) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** Asks every few milliseconds until the answer is 200. */
export async function answers(url: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((done) => setTimeout(done, 3));
  }
  throw new Error(`${url} did not answer`);
}
