import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOpen, SessionBench, socketOf, untilTold } from '../../../test/support/linked-sessions.js';
import { until } from '../../../test/support/until.js';

let bench: SessionBench;
beforeAll(async () => {
  bench = await SessionBench.open();
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('linking', () => {
  it('shows QR codes, restarts with the new keys when one is scanned, and opens', async () => {
    const device = await bench.addDevice();
    const process = bench.start();
    const first = await socketOf(process);
    await first.showQr('2@first');
    const shown = await bench.untilRow('a code', device, ({ state }) => state === 'qr');
    // Sealed: whoever has it could link a phone (INV-11).
    expect(shown.secret?.toString('latin1')).not.toContain('2@first');
    expect(bench.box.open(shown.secret_key_id ?? '', shown.secret ?? Buffer.alloc(0))).toBe('2@first');
    expect(await untilTold(process, 'connection.qr')).toEqual({
      tenantId: device.tenantId,
      type: 'connection.qr',
      data: expect.objectContaining({ connectionId: device.connectionId, kind: 'qr', code: '2@first' }),
    });
    await first.pair('5215550001111:7@s.whatsapp.net');
    const second = await socketOf(process, 2);
    // The creds of the first socket were stored before the second one read them.
    expect(second.auth.creds).toMatchObject({ registered: true, me: { id: '5215550001111:7@s.whatsapp.net' } });
    await second.open('5215550001111:7@s.whatsapp.net');
    const row = await bench.untilRow(
      'it to be open',
      device,
      ({ state, health }) => state === 'open' && health === 'up',
    );
    expect(row).toMatchObject({ phone: '+5215550001111', secret: null, attempts: 0 });
    expect(row.linked_at).not.toBeNull();
    expect((await isOpen(process, device)).socket).toBe(second);
  });

  it('shows a code to type when the phone’s number was given, also later', async () => {
    const device = await bench.addDevice();
    const process = bench.start();
    const socket = await socketOf(process);
    await socket.showQr();
    await bench.untilRow('a QR', device, ({ state }) => state === 'qr');
    await bench.set(device, `pairing_phone = '+5215511111111'`);
    process.wake.signal('sessions');
    const row = await bench.untilRow('a pairing code', device, ({ state }) => state === 'pairing');
    expect(bench.box.open(row.secret_key_id ?? '', row.secret ?? Buffer.alloc(0))).toBe('DOUBLE12');
    expect(socket.auth.creds.me).toEqual(undefined);
    await socket.showQr('2@next');
    await socket.close(408, 'QR refs attempts ended');
    const ended = await bench.untilRow('the end of it', device, ({ state, holder }) => state === 'idle' && !holder);
    expect(ended).toMatchObject({ state_reason: 'code_not_used', holder: null, secret: null });
    expect(process.whatsapp.sockets).toHaveLength(1);
  });
});

describe('the end of a socket', () => {
  it.each([408, 428, 500, 503, 999])('with code %i is followed by another one', async (code) => {
    const { device, process, socket } = await bench.openDevice({ timing: { backoffScale: 0.001 } });
    await socket.close(code);
    expect(process.open.find(device.connectionId)).toBeNull();
    const next = await socketOf(process, 2);
    await next.open();
    await isOpen(process, device);
    expect(await bench.row(device)).toMatchObject({ state: 'open', attempts: 1, close_code: code, fence: '1' });
  });

  it('with 401 erases the keys and waits for a person', async () => {
    const { device, process, socket } = await bench.openDevice();
    await socket.auth.keys.set({ session: { a: { x: 1 } } });
    await socket.close(401, 'Intentional Logout');
    const row = await bench.untilRow('the loss', device, ({ health }) => health === 'auth_lost');
    expect(row).toMatchObject({ state: 'needs_pairing', state_reason: 'logged_out', holder: null, phone: null });
    const { rows } = await bench.database.owner.query('select 1 from linked_key where connection_id = $1', [
      device.connectionId,
    ]);
    expect(rows).toEqual([]);
    expect(process.whatsapp.sockets).toHaveLength(1);
  });

  it.each([402, 403, 406, 411])('with %i stops, keeps the keys and calls a person', async (code) => {
    const { device, socket } = await bench.openDevice();
    await socket.auth.keys.set({ session: { a: { x: 1 } } });
    await socket.close(code);
    const row = await bench.untilRow('the stop', device, ({ state, holder }) => state === 'stopped' && !holder);
    expect(row).toMatchObject({ health: 'auth_lost', close_code: code });
    const { rows } = await bench.database.owner.query('select 1 from linked_key where connection_id = $1', [
      device.connectionId,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('with 405 three times in a row stops: the package is out of date', async () => {
    const device = await bench.addDevice();
    const process = bench.start({ timing: { backoffScale: 0.001 } });
    for (const time of [1, 2, 3]) await (await socketOf(process, time)).close(405);
    const row = await bench.untilRow('the stop', device, ({ state }) => state === 'stopped');
    expect(row.state_reason).toBe('client_outdated');
  });

  it('with 440 is not followed by another one when the session is held elsewhere', async () => {
    const { device, process, socket } = await bench.openDevice();
    await bench.set(device, `holder = 'another', fence = fence + 1, lease_until = now() + interval '1 minute'`);
    await socket.close(440);
    await until('it to be let go', async () => process.connections.heldElsewhere().includes(device.connectionId));
    expect(process.whatsapp.sockets).toHaveLength(1);
    expect(await bench.row(device)).toMatchObject({ state: 'open', holder: 'another' });
  });

  it('that never tells anything is noticed', async () => {
    const device = await bench.addDevice();
    const process = bench.start({ timing: { watchdogMs: 50, backoffScale: 0.001 } });
    process.whatsapp.onOpen = (socket) => {
      // Baileys tells no close when the upgrade is refused.
      if (process.whatsapp.sockets.length === 1) socket.end = async () => undefined;
      else void socket.open();
    };
    await isOpen(process, device);
  });

  it('is told with the line’s health once it does not heal by itself', async () => {
    const { device, process, socket } = await bench.openDevice({ timing: { backoffScale: 0.001 } });
    await socket.close(428);
    await (await socketOf(process, 2)).close(428);
    await bench.untilRow('degraded', device, ({ health }) => health === 'degraded');
    await (await socketOf(process, 3)).open();
    await bench.untilRow('up again', device, ({ health }) => health === 'up');
    expect(await process.registry.metrics()).toContain(`reason="connection_closed"} 2`);
  });
});

describe('logging out', () => {
  it('unlinks on the server, and forgets the keys', async () => {
    const { device, process, socket } = await bench.openDevice();
    await bench.set(device, 'wants_logout = true');
    process.wake.signal('sessions');
    await bench.untilRow('idle', device, ({ state }) => state === 'idle');
    expect(socket.isLoggedOut).toBe(true);
    expect((await bench.row(device)).linked_at).toBeNull();
  });

  it('of a device that is not open forgets the keys here', async () => {
    const device = await bench.addDevice();
    const process = bench.start();
    const socket = await socketOf(process);
    await bench.set(device, 'wants_logout = true');
    process.wake.signal('sessions');
    const row = await bench.untilRow('idle', device, ({ state }) => state === 'idle');
    expect(row.state_reason).toBe('logged_out_here_only');
    expect([socket.isLoggedOut, socket.isEnded]).toEqual([false, true]);
  });
});

describe('leases', () => {
  it('are given back at a shutdown: the next process opens the device at once, with the next fence', async () => {
    const { device, process, socket } = await bench.openDevice();
    const other = bench.start();
    await until('the other to see it', async () => other.connections.heldElsewhere().includes(device.connectionId));
    await process.loops.stop();
    expect([socket.isEnded, socket.isLoggedOut]).toEqual([true, false]);
    await (await socketOf(other)).open();
    expect((await isOpen(other, device)).fence).toBe(2);
  });

  it('that are over are taken by others, and the old holder writes nothing any more', async () => {
    const { device, process, socket } = await bench.openDevice();
    const other = bench.start();
    // Both may come first; who held it before must not be made to wait for itself.
    const row = await until('a new holder', async () => {
      // Again while it is renewed, which is anybody's right as long as nobody took it.
      await bench.set(
        device,
        `lease_until = case when fence = 1 then now() - interval '1 second' else lease_until end`,
      );
      const now = await bench.row(device);
      return now.fence === '2' ? now : null;
    });
    const winner = row.holder === other.keeper.holder ? other : process;
    await (await socketOf(winner, winner === other ? 1 : 2)).open();
    await isOpen(winner, device);
    await until('the old socket to end', async () => socket.isEnded);
    await expect(socket.auth.keys.set({ session: { a: { x: 1 } } })).rejects.toThrow('Another process holds');
  });

  it('whose keys are another’s by now close the socket at the first key that is refused', async () => {
    const { device, process, socket } = await bench.openDevice();
    await bench.database.owner.query('update linked_device set fence = fence + 1 where connection_id = $1', [
      device.connectionId,
    ]);
    await expect(socket.auth.keys.set({ session: { a: { x: 1 } } })).rejects.toThrow('Another process holds');
    expect(process.open.find(device.connectionId)).toBeNull();
    await until('the socket to end', async () => socket.isEnded);
    expect(socket.isLoggedOut).toBe(false);
  });

  it('that cannot be renewed close the socket before anybody else may open the device', async () => {
    const { device, process, socket } = await bench.openDevice();
    process.leases.renew = async () => Promise.reject(new Error('Postgres is away'));
    await until('the socket to end', async () => socket.isEnded, 20_000);
    expect(process.open.find(device.connectionId)).toBeNull();
    const { rows } = await bench.database.owner.query<{ isLeased: boolean }>(
      'select lease_until > now() as "isLeased" from linked_session where connection_id = $1',
      [device.connectionId],
    );
    expect(rows).toEqual([{ isLeased: true }]);
  }, 40_000);

  it('are held up to the process’s limit, and shared with one that has fewer', async () => {
    const devices = await Promise.all([1, 2, 3, 4].map(() => bench.addDevice()));
    const full = bench.start({ variables: { LINKED_SESSIONS_MAX: '3' } });
    full.whatsapp.onOpen = (socket) => void socket.open();
    await until('three sockets', async () => full.whatsapp.sockets.length === 3);
    const second = bench.start();
    second.whatsapp.onOpen = (socket) => void socket.open();
    await until('the fourth', async () => second.whatsapp.sockets.length === 1);
    await until('all open', async () => (await Promise.all(devices.map((d) => bench.row(d)))).every((r) => r.phone));
    await bench.database.owner.query(`update linked_session set last_open_at = now() - interval '2 minutes'`);
    await second.leases.askForShare(second.keeper.holder);
    await until('one to move', async () => second.whatsapp.sockets.length > 1);
    const holders = await Promise.all(devices.map((device) => bench.row(device)));
    expect(holders.filter(({ holder }) => holder === second.keeper.holder).length).toBeGreaterThanOrEqual(2);
  });

  it('of a connection that was deleted end with it', async () => {
    const { device, socket } = await bench.openDevice();
    await bench.database.owner.query('delete from connection where id = $1', [device.connectionId]);
    await until('the socket to end', async () => socket.isEnded);
    expect(socket.isLoggedOut).toBe(false);
  });
});

it('claims nothing where the package is not installed', async () => {
  const device = await bench.addDevice();
  const process = bench.newProcess();
  process.whatsapp.installed = false;
  let asked = 0;
  process.whatsapp.isInstalled = async () => {
    asked += 1;
    return false;
  };
  process.loops.start();
  await until('two looks', async () => asked >= 2);
  expect((await bench.row(device)).holder).toBeNull();
});
