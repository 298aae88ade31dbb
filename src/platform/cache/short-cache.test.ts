import { describe, expect, it } from 'vitest';
import { ShortCache } from './short-cache.js';

describe('ShortCache', () => {
  it('loads once for all who ask within its life, and again after', async () => {
    let nowMs = 0;
    let loads = 0;
    const cache = new ShortCache<number>(5000, 10, () => nowMs);
    const load = async () => (loads += 1);
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1]);
    nowMs = 4999;
    expect(await cache.get('a', load)).toBe(1);
    nowMs = 5000;
    expect(await cache.get('a', load)).toBe(2);
  });

  it('keeps nothing that was read before it was cleared', async () => {
    const cache = new ShortCache<string>(5000, 10);
    const { promise, resolve } = Promise.withResolvers<string>();
    const early = cache.get('a', () => promise);
    cache.clear();
    resolve('old');
    expect(await early).toBe('old');
    expect(await cache.get('a', async () => 'new')).toBe('new');
  });

  it('forgets a load that failed', async () => {
    const cache = new ShortCache<string>(5000, 10);
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', async () => 'up')).toBe('up');
  });

  it('drops the oldest when it is full', async () => {
    const cache = new ShortCache<string>(5000, 2);
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => `first ${key}`);
    expect(await cache.get('c', async () => 'again')).toBe('first c');
    expect(await cache.get('b', async () => 'again')).toBe('first b');
    expect(await cache.get('a', async () => 'again')).toBe('again');
  });
});
