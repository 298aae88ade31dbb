import { expect, it } from 'vitest';
import { cacheOf } from './baileys-socket-factory.js';

it('forgets what was not used for longest, and never grows past its size', () => {
  const cache = cacheOf(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 3);
  cache.set('c', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([3, undefined, 4]);
  cache.del('a');
  expect(cache.get('a')).toBeUndefined();
  cache.flushAll();
  expect(cache.get('c')).toBeUndefined();
});
