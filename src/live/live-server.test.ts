import type { HttpAdapterHost } from '@nestjs/core';
import { expect, it } from 'vitest';
import { NotSignedInError } from '../auth/auth.errors.js';
import type { CallersService, KnownCaller } from '../auth/callers.service.js';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { AppError } from '../platform/errors/app-error.js';
import { LiveServer } from './live-server.js';
import type { LiveSockets } from './live-sockets.js';
import { Loops } from '../platform/loops/loops.js';
import { Wake } from '../platform/wake.js';

const known = { caller: { tenantId: 'T', role: 'viewer' }, permissions: ['orders:read'] } as unknown as KnownCaller;

/** Whether a socket is left alone whose sign-in is answered with this. */
async function survives(answer: KnownCaller | Error): Promise<boolean> {
  let isConnected = true;
  const socket = {
    id: 's1',
    rooms: new Set(['s1', 'T', 'T orders:read']),
    handshake: { auth: { token: 'x' }, headers: {} },
    request: { headers: {} },
    disconnect: () => (isConnected = false),
  };
  const callers = {
    identify: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
  } as unknown as CallersService;
  const sockets = { current: { of: () => ({ sockets: new Map([['s1', socket]]) }) } } as unknown as LiveSockets;
  const env = readEnv({}, ROLES);
  const loops = new Loops(env, new Wake());
  await new LiveServer(env, {} as HttpAdapterHost, callers, sockets, loops).check();
  return isConnected;
}

it.each([
  ['whose sign-in holds', known, true],
  ['whose sign-in ended', new NotSignedInError(), false],
  ['who lost a permission', { ...known, permissions: [] }, false],
  ['who cannot be asked about, for want of Postgres', new Error('ECONNREFUSED'), true],
  ['who cannot be asked about just now', new AppError('database_unavailable', 503, 'later'), true],
])('looks again at somebody %s', async (_who, answer, isLeft) => {
  expect(await survives(answer)).toBe(isLeft);
});
