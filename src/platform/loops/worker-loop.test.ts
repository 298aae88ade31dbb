import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROLES } from '../../roles.js';
import { readEnv } from '../config/env.js';
import { Wake } from '../wake.js';
import { Loops } from './loops.js';
import { WorkerLoop, type LoopSettings, type Round } from './worker-loop.js';

const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

let wake: Wake;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  wake = new Wake();
});
afterEach(() => void vi.useRealTimers());

/** A loop whose rounds go as the script says, then find nothing. */
function open(settings: Omit<LoopSettings, 'name' | 'round'>, script: (Round | Error)[] = []) {
  let rounds = 0;
  const loop = new WorkerLoop(
    {
      name: 'Test',
      ...settings,
      round: async () => {
        rounds += 1;
        const result = script.shift();
        if (result instanceof Error) throw result;
        return result;
      },
    },
    wake,
  );
  return { loop, rounds: () => rounds };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a worker loop', () => {
  it('does a round at once, and the next when its rest is over', async () => {
    const { loop, rounds } = open({ restMs: 1000 });
    loop.start();
    await pass(999);
    expect(rounds()).toBe(1);
    await pass(1);
    expect(rounds()).toBe(2);
    await loop.stop();
  });

  it('goes on at once while there is more', async () => {
    const { loop, rounds } = open({ restMs: 1000 }, ['more', 'more', 'some']);
    loop.start();
    await pass(0);
    expect(rounds()).toBe(3);
    await loop.stop();
  });

  it('is woken by its topic and by no other', async () => {
    const { loop, rounds } = open({ topic: 'mine', restMs: 60_000 });
    loop.start();
    await pass(10);
    wake.signal('other');
    await pass(10);
    expect(rounds()).toBe(1);
    wake.signal('mine');
    await pass(0);
    expect(rounds()).toBe(2);
    await loop.stop();
  });

  it('looks for others’ work every 100 ms while there was some, and every 300 ms in a lull', async () => {
    const { loop, rounds } = open({ topic: 'mine' }, ['some']);
    await pass(60_000);
    loop.start();
    await pass(1000);
    expect(rounds()).toBe(11);
    await pass(5000);
    const before = rounds();
    await pass(3000);
    expect(rounds() - before).toBe(10);
    await loop.stop();
  });

  it('waits longer with every failure, never over a second while Postgres is away, and then as ever', async () => {
    const { loop, rounds } = open({ restMs: 30_000 }, [away, away, away, away, 'none']);
    loop.start();
    for (const [waitMs, done] of [
      [250, 2],
      [500, 3],
      [1000, 4],
      [1000, 5],
    ] as const) {
      await pass(waitMs - 1);
      expect(rounds()).toBe(done - 1);
      await pass(1);
      expect(rounds()).toBe(done);
    }
    await pass(29_999);
    expect(rounds()).toBe(5);
    await loop.stop();
  });

  it('of what nobody waits for fails no more often than it runs', async () => {
    const { loop, rounds } = open(
      { restMs: 4000 },
      Array.from({ length: 20 }, () => new Error('a bug')),
    );
    loop.start();
    await pass(250 + 500 + 1000 + 2000);
    const before = rounds();
    await pass(40_000);
    expect(rounds() - before).toBe(10);
    await loop.stop();
  });

  it('ends the round in hand and what it drains before it is stopped, and begins nothing more', async () => {
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const loop = new WorkerLoop(
      {
        name: 'Test',
        restMs: 10,
        round: async () => {
          log.push('round');
          await gate.promise;
          log.push('round over');
        },
        drain: async () => void log.push('drained'),
      },
      wake,
    );
    loop.start();
    const stopped = loop.stop().then(() => log.push('stopped'));
    await pass(100);
    expect([log, loop.signal.aborted]).toEqual([['round'], true]);
    gate.resolve();
    await stopped;
    loop.start();
    await pass(100);
    expect(log).toEqual(['round', 'round over', 'drained', 'stopped']);
  });

  it('does not rest out its time when it is stopped, nor wait for one that never ran', async () => {
    const { loop } = open({ restMs: 60_000 });
    loop.start();
    await pass(1);
    await loop.stop();
    await open({ restMs: 60_000 }).loop.stop();
  });

  it('runs once however often it is started', async () => {
    const { loop, rounds } = open({ restMs: 1000 });
    loop.start();
    loop.start();
    await pass(1000);
    expect(rounds()).toBe(2);
    await loop.stop();
  });
});

it('a process runs the loops of its role, and those of every role', async () => {
  const ran: string[] = [];
  const loops = new Loops(readEnv({ ROLE: 'adapter' }, ROLES), wake);
  for (const group of ['turns', 'delivery', undefined])
    loops.add({ name: 'Test', group, restMs: 1000, round: async () => void ran.push(group ?? 'any') });
  loops.start();
  await loops.stop();
  expect(ran).toEqual(['delivery', 'any']);
  expect([...loops.groups]).toEqual(['turns', 'delivery']);
});
