import { describe, expect, it } from 'vitest';
import { PasswordHasher } from './password-hasher.js';

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher();

  it('stores argon2id with the cost it promises', async () => {
    expect(await hasher.hash('una frase larga')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('knows the password it hashed and no other', async () => {
    const stored = await hasher.hash('una frase larga');
    expect(await hasher.matches(stored, 'una frase larga')).toBe(true);
    expect(await hasher.matches(stored, 'una frase larga ')).toBe(false);
  });

  it('matches nothing for a user who does not exist', async () => {
    expect(await hasher.matches(null, '')).toBe(false);
  });
});
