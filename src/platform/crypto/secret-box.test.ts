import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { SecretBox } from './secret-box.js';

const box = () => new SecretBox({ jwtSecret: 'x'.repeat(32), encryptionKey: randomBytes(32).toString('base64') });

it('INV-11: gives back what it sealed, and seals the same words differently each time', () => {
  const mine = box();
  const first = mine.seal('EAAG-token');
  const second = mine.seal('EAAG-token');
  expect(mine.open(first.keyId, first.sealed)).toBe('EAAG-token');
  expect(first.sealed.equals(second.sealed)).toBe(false);
  expect(first.sealed.includes('EAAG-token')).toBe(false);
});

it('INV-11: refuses what was altered, and what another key sealed', () => {
  const mine = box();
  const { keyId, sealed } = mine.seal('EAAG-token');
  const altered = Buffer.from(sealed);
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  expect(() => mine.open(keyId, altered)).toThrow();
  expect(() => box().open(keyId, sealed)).toThrow(/Sealed with key/);
});

it('INV-11: opens what a key of before sealed, and seals with the new one alone', () => {
  const [old, now] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const jwtSecret = 'x'.repeat(32);
  const before = new SecretBox({ jwtSecret, encryptionKey: old });
  const after = new SecretBox({ jwtSecret, encryptionKey: now, oldEncryptionKeys: [old, now] });
  const first = before.seal('EAAG-token');
  expect(after.open(first.keyId, first.sealed)).toBe('EAAG-token');
  const second = after.seal('EAAG-token');
  expect(() => before.open(second.keyId, second.sealed)).toThrow(/Sealed with key/);
  expect([after.oldKeyIds, second.keyId]).toEqual([[before.keyId], after.keyId]);
});
