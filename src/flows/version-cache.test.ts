import { describe, expect, it } from 'vitest';
import { VersionCache } from './version-cache.js';

describe('VersionCache', () => {
  it('loads once for callers that ask at the same moment', async () => {
    const cache = new VersionCache<number>(2);
    let loads = 0;
    const load = () => Promise.resolve((loads += 1));
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([1, 1]);
    expect(await cache.get('a', load)).toBe(1);
  });

  it('drops what was used longest ago', async () => {
    const cache = new VersionCache<string>(2);
    await cache.get('a', async () => 'a1');
    await cache.get('b', async () => 'b1');
    await cache.get('a', async () => 'a2');
    await cache.get('c', async () => 'c1');
    expect(await cache.get('a', async () => 'a3')).toBe('a1');
    expect(await cache.get('b', async () => 'b2')).toBe('b2');
  });

  it('tries again after a failed load', async () => {
    const cache = new VersionCache<string>(2);
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', async () => 'up')).toBe('up');
  });
});
