import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { createLogger, NestLogger } from './logger.js';

const lines: Record<string, unknown>[] = [];
const pino = createLogger('trace', { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
Logger.overrideLogger(new NestLogger(pino));
const logger = new Logger('Turns');

beforeEach(() => {
  lines.length = 0;
});

it('writes text, objects with a text, and errors with a text as one JSON line each', () => {
  logger.warn('Postgres is away');
  logger.warn({ conversationId: 'c1' }, 'a turn failed');
  logger.error(new Error('broken'), 'A batch failed');
  expect(lines).toMatchObject([
    { level: 'warn', context: 'Turns', msg: 'Postgres is away' },
    { level: 'warn', context: 'Turns', conversationId: 'c1', msg: 'a turn failed' },
    { level: 'error', context: 'Turns', msg: 'A batch failed', err: { message: 'broken' } },
  ]);
});

it('keeps what Nest says about itself for debugging', () => {
  new Logger('InstanceLoader').log('AppModule dependencies initialized');
  new Logger('Orders').log('order placed');
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'info']);
});

it('INV-11: never writes a password, a token or a query string', () => {
  pino.info({
    body: { password: 'hunter2', accessToken: 'EAAG' },
    req: { method: 'GET', url: '/x?hub.verify_token=s3' },
  });
  expect(JSON.stringify(lines)).not.toMatch(/hunter2|EAAG|s3/);
});
