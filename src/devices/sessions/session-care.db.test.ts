import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { linkedText } from '../../../test/support/baileys-double.js';
import { isOpen, SessionBench, socketOf, untilTold } from '../../../test/support/linked-sessions.js';
import { SystemClock } from '../../platform/clock.js';

let bench: SessionBench;
beforeAll(async () => {
  bench = await SessionBench.open();
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('a restriction', () => {
  it('is kept with the number until it ends, and told', async () => {
    const { device, process, socket } = await bench.openDevice();
    const endsAt = new Date(Date.now() + 3_600_000);
    const lock = { isActive: true, timeEnforcementEnds: endsAt, enforcementType: 'BIZ_QUALITY' };
    await socket.ev.emit('connection.update', { reachoutTimeLock: lock });
    const row = await bench.untilRow('the lock', device, ({ restricted_until: at }) => at !== null);
    expect(row).toMatchObject({ restricted_until: endsAt, restriction_reason: 'time_lock: BIZ_QUALITY' });
    await untilTold(process, 'connection.restriction');
    expect(await process.restrictions.refused(device.connectionId, new Date())).toBe(false);
    await socket.ev.emit('connection.update', { reachoutTimeLock: { isActive: false } });
    await bench.untilRow('its end', device, ({ restricted_until: at }) => at === null);
    expect(await process.restrictions.refused(device.connectionId, new Date())).toBe(true);
    expect((await process.restrictions.of(device.connectionId)).reason).toBe('first_contact_refused');
  });

  it('by the cap on new chats lasts as long as the cycle', async () => {
    const { device, socket } = await bench.openDevice();
    const ends = Math.floor(Date.now() / 1000) + 7200;
    const capping = { capping_status: 'CAPPED', cycle_end_timestamp: String(ends) };
    await socket.ev.emit('message-capping.update', capping);
    const row = await bench.untilRow('the cap', device, ({ restriction_reason: reason }) => reason !== null);
    expect(row).toMatchObject({ restricted_until: new Date(ends * 1000), restriction_reason: 'new_chats_capped' });
  });
});

describe('a silent session', () => {
  class HeldClock extends SystemClock {
    offsetMs = 0;
    override now(): Date {
      return new Date(Date.now() + this.offsetMs);
    }
  }

  it('is probed, connected again, moved, and told to a person', async () => {
    const clock = new HeldClock();
    const device = await bench.addDevice();
    const traffic = JSON.stringify({
      rates: Array.from({ length: 168 }, () => 60),
      weeks: Array.from({ length: 168 }, () => 4),
    });
    await bench.database.owner.query('update linked_session set traffic = $1', [traffic]);
    const process = bench.start({ clock });
    process.whatsapp.onOpen = (socket) => void socket.open();
    await isOpen(process, device);
    const silence = async (minutes: number) => {
      clock.offsetMs += minutes * 60_000;
      process.wake.signal('sessions');
    };
    await silence(11);
    await bench.untilRow('the probe', device, (row) => JSON.stringify(row).includes('"done":1'));
    expect(process.whatsapp.sockets).toHaveLength(1);
    await silence(6);
    await socketOf(process, 2);
    await isOpen(process, device);
    await silence(6);
    await bench.untilRow('a fresh lease', device, ({ fence, state }) => fence === '2' && state === 'open');
    await isOpen(process, device);
    await silence(6);
    await bench.untilRow('a person to be told', device, ({ health_reason: reason }) => reason === 'silent');
    await untilTold(process, 'connection.silent');
    await process.whatsapp.socket.deliver(linkedText('M1', 'hola'));
    process.wake.signal('sessions');
    const heard = await bench.untilRow('well again', device, ({ health }) => health === 'up');
    expect(heard.last_inbound_at).not.toBeNull();
  });

  it('is connected again when WhatsApp does not answer the routine question', async () => {
    const clock = new HeldClock();
    const { device, process, socket } = await bench.openDevice({ clock, timing: { answerMs: 50 } });
    socket.onWhatsApp = () => new Promise(() => undefined);
    clock.offsetMs += 11 * 60_000;
    process.wake.signal('sessions');
    await (await socketOf(process, 2)).open();
    await isOpen(process, device);
  });
});
