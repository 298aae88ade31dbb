import { expect, it } from 'vitest';
import { fromStored, toStored } from './binary-json.js';

it('keeps bytes of every kind, at any depth', () => {
  const value = {
    buffer: Buffer.from([0, 255, 7]),
    bytes: new Uint8Array([1, 2, 3]).subarray(1),
    nested: [{ key: Buffer.from('ñ') }],
    text: 'plain',
    absent: null,
  };
  const back = fromStored(toStored(value));
  expect(back).toEqual({ ...value, bytes: Buffer.from([2, 3]) });
});

it('reads the layouts that Baileys itself writes', () => {
  const bytes = Buffer.from([9, 8]);
  expect(fromStored('{"a":{"type":"Buffer","data":"CQg="},"b":{"type":"Buffer","data":[9,8]}}')).toEqual({
    a: bytes,
    b: bytes,
  });
  expect(fromStored('{"type":"Buffer","name":"no bytes"}')).toEqual({ type: 'Buffer', name: 'no bytes' });
});
