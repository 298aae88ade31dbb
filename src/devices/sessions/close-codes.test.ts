import { describe, expect, it } from 'vitest';
import { SocketEndError } from '../../providers/baileys/linked-socket.js';
import { CLOSE_RULES, readClose } from './close-codes.js';

const FRESH = { code: null, repeats: 0 };
const close = (code: number, message = 'closed') => new SocketEndError(message, code);

describe('the end of a socket', () => {
  it.each([
    [401, 'unlink', 'logged_out'],
    [402, 'stop', 'banned'],
    [403, 'stop', 'banned'],
    [405, 'reconnect_slowly', 'client_outdated'],
    [406, 'stop', 'banned'],
    [408, 'reconnect', 'connection_lost'],
    [411, 'stop', 'multidevice_mismatch'],
    [428, 'reconnect', 'connection_closed'],
    [440, 'check_lease', 'replaced'],
    [500, 'reconnect', 'bad_session'],
    [503, 'reconnect_slowly', 'unavailable'],
    [515, 'restart', 'restart_required'],
    [999, 'reconnect', 'unknown_close'],
  ])('with code %i means %s', (code, action, reason) => {
    expect(readClose(close(code), FRESH)).toEqual({ code, action, reason, repeats: 1 });
  });

  it('has a row of its own for every code of the table', () => {
    expect(Object.keys(CLOSE_RULES).map(Number)).toEqual([401, 402, 403, 405, 406, 408, 411, 428, 440, 500, 503, 515]);
  });

  it.each([undefined, null, new Error('plain'), 'text', { output: { statusCode: 401 } }])(
    'without a code (%s) is tried again',
    (error) => {
      expect(readClose(error, FRESH)).toMatchObject({ code: null, action: 'reconnect', repeats: 1 });
    },
  );

  it('waits for a person when nobody scanned the code', () => {
    expect(readClose(close(408, 'QR refs attempts ended'), FRESH)).toMatchObject({
      action: 'await_request',
      reason: 'code_not_used',
    });
  });

  it.each([
    [405, 3, 'stop'],
    [500, 5, 'stop'],
    [515, 5, 'reconnect'],
  ])('with code %i for the %i. time in a row means %s', (code, repeats, action) => {
    const before = { code, repeats: repeats - 1 };
    expect(readClose(close(code), before)).toMatchObject({ action, repeats });
    expect(readClose(close(code), { code, repeats: repeats - 2 }).action).not.toBe(action);
    expect(readClose(close(code), { code: 428, repeats: 9 })).toMatchObject({ repeats: 1 });
  });
});
