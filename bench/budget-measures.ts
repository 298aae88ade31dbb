import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import type { Startable } from './bare-servers.js';

/** Middle of several starts, from spawn to the first 200. */
export async function startMs(server: Startable, times: number): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const began = performance.now();
    await server.start();
    taken.push(performance.now() - began);
    await server.stop();
  }
  return Math.round(taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0);
}

/** Resident memory after this long with nothing to do, and the share of one core used in the second half of it. */
export async function idleUse(server: Startable, seconds: number): Promise<{ rssMb: number; cpuPercent: number }> {
  const half = (seconds * 1000) / 2;
  await new Promise((done) => setTimeout(done, half));
  const before = await ticksOf(server.pid);
  await new Promise((done) => setTimeout(done, half));
  const ticks = (await ticksOf(server.pid)) - before;
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  // A tick is a hundredth of a second.
  return { rssMb: Math.round(rssKb / 1024), cpuPercent: Math.round((ticks / (seconds / 2)) * 100) / 100 };
}

async function ticksOf(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** A hundred connections that ask again as soon as they are answered. */
export async function load(url: string, seconds: number, headers: Record<string, string> = {}) {
  const options = { url, connections: 100, headers };
  await autocannon({ ...options, duration: Math.max(2, seconds / 5) });
  const result = await autocannon({ ...options, duration: seconds });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`);
  // autocannon tells no p95; the next one above is the stricter figure.
  return {
    requestsPerSecond: Math.round(result.requests.average),
    p50Ms: result.latency.p50,
    p975Ms: result.latency.p97_5,
  };
}
