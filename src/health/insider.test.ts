import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { isInsider } from './insider.js';

const ask = (ip: string, headers: Record<string, string>, token?: string) =>
  isInsider({ ip, headers } as unknown as FastifyRequest, token);

it('without a token only this machine under its own name is inside, and nobody a proxy speaks for', () => {
  for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000']) expect(ask('127.0.0.1', { host })).toBe(true);
  expect(ask('10.0.0.9', { host: 'localhost' })).toBe(false);
  expect(ask('127.0.0.1', { host: 'evil.example' })).toBe(false);
  for (const name of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])
    expect([name, ask('127.0.0.1', { host: 'localhost', [name]: 'x' })]).toEqual([name, false]);
});

it('with a token its bearer is inside, from anywhere, and nobody else', () => {
  expect(ask('10.0.0.9', { host: 'x', authorization: 'Bearer a-token-of-16-chars' }, 'a-token-of-16-chars')).toBe(true);
  expect(ask('127.0.0.1', { host: 'localhost' }, 'a-token-of-16-chars')).toBe(false);
});
