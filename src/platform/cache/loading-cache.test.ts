import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadingCache } from './loading-cache.js';

type Value = { readonly value: number | string };
const loading = (value: number | string) => async (): Promise<Value> => ({ value });

describe('a cache of what was loaded a moment ago', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('loads once for all who ask within its life, and again after', async () => {
    let nowMs = 1;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    let loads = 0;
    const cache = loadingCache<Value>(10, 5000);
    const load = async () => ({ value: (loads += 1) });
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([{ value: 1 }, { value: 1 }]);
    nowMs += 4999;
    expect(await cache.get('a', load)).toEqual({ value: 1 });
    nowMs += 2;
    expect(await cache.get('a', load)).toEqual({ value: 2 });
  });

  it('keeps nothing that was read before it was cleared', async () => {
    const cache = loadingCache<Value>(10, 5000);
    const { promise, resolve } = Promise.withResolvers<Value>();
    const early = cache.get('a', () => promise);
    cache.clear();
    resolve({ value: 'old' });
    expect(await early).toEqual({ value: 'old' });
    expect(await cache.get('a', loading('new'))).toEqual({ value: 'new' });
  });

  it('forgets a load that failed', async () => {
    const cache = loadingCache<Value>(10, 5000);
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', loading('up'))).toEqual({ value: 'up' });
  });

  it('drops the oldest when it is full', async () => {
    const cache = loadingCache<Value>(2, 5000);
    for (const key of ['a', 'b', 'c']) await cache.get(key, loading(`first ${key}`));
    expect(await cache.get('c', loading('again'))).toEqual({ value: 'first c' });
    expect(await cache.get('b', loading('again'))).toEqual({ value: 'first b' });
    expect(await cache.get('a', loading('again'))).toEqual({ value: 'again' });
  });
});

describe('a cache of what never changes', () => {
  it('loads once for callers that ask at the same moment', async () => {
    const cache = loadingCache<Value>(2);
    let loads = 0;
    const load = async () => ({ value: (loads += 1) });
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([{ value: 1 }, { value: 1 }]);
    expect(await cache.get('a', load)).toEqual({ value: 1 });
  });

  it('drops what was used longest ago', async () => {
    const cache = loadingCache<Value>(2);
    await cache.get('a', loading('a1'));
    await cache.get('b', loading('b1'));
    await cache.get('a', loading('a2'));
    await cache.get('c', loading('c1'));
    expect(await cache.get('a', loading('a3'))).toEqual({ value: 'a1' });
    expect(await cache.get('b', loading('b2'))).toEqual({ value: 'b2' });
  });

  it('tries again after a failed load', async () => {
    const cache = loadingCache<Value>(2);
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', loading('up'))).toEqual({ value: 'up' });
  });
});
