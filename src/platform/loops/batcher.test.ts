import { describe, expect, it } from 'vitest';
import { NaturalBatches } from './batcher.js';

/** A flush that the test lets go. */
function heldFlush() {
  const flushed: string[][] = [];
  const release: (() => void)[] = [];
  const flush = async (items: readonly string[]) => {
    flushed.push([...items]);
    await new Promise<void>((resolve) => release.push(resolve));
    return items.map((item) => (item === 'bad' ? new Error(item) : null));
  };
  return { flushed, release, flush };
}

describe('natural batches', () => {
  it('collects what comes while a flush is in flight and takes it all at once', async () => {
    const { flushed, release, flush } = heldFlush();
    const batches = new NaturalBatches(10, flush);
    const first = batches.add(['a']);
    await expect.poll(() => flushed).toEqual([['a']]);
    const rest = [batches.add(['b']), batches.add(['c', 'd'])];
    release.shift()?.();
    await first;
    await expect.poll(() => flushed).toEqual([['a'], ['b', 'c', 'd']]);
    release.shift()?.();
    await Promise.all([...rest, batches.idle()]);
  });

  it('keeps to its size, but never splits or starves a call', async () => {
    const { flushed, release, flush } = heldFlush();
    const batches = new NaturalBatches(2, flush);
    const calls = [batches.add(['a', 'b', 'c']), batches.add(['d']), batches.add(['e']), batches.add(['f'])];
    for (const expected of [['a', 'b', 'c'], ['d', 'e'], ['f']]) {
      await expect.poll(() => flushed.at(-1)).toEqual(expected);
      release.shift()?.();
    }
    await Promise.all(calls);
  });

  it('fails only the call whose item failed', async () => {
    const { flushed, release, flush } = heldFlush();
    const batches = new NaturalBatches(10, flush);
    const settled = Promise.allSettled([batches.add(['a']), batches.add(['b', 'bad']), batches.add(['c'])]);
    await expect.poll(() => flushed.length).toBe(1);
    release.shift()?.();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails every call of a flush that took nothing, and goes on', async () => {
    let isDown = true;
    const batches = new NaturalBatches<string>(10, async (items) => {
      if (isDown) throw new Error('down');
      return items.map(() => null);
    });
    const settled = await Promise.allSettled([batches.add(['a']), batches.add(['b'])]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    await batches.add(['c']);
    await batches.add([]);
  });
});
