import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppStateSyncKeyDouble, BaileysDouble } from '../../test/support/baileys-double.js';
import { DeliveryBench } from '../../test/support/delivery.js';
import { AuthState } from './auth-state.js';
import { StaleFenceError } from '../providers/baileys/baileys.errors.js';

let bench: DeliveryBench;
let auth: AuthState;
let connection: { tenantId: string; connectionId: string };

beforeAll(async () => {
  bench = await DeliveryBench.open();
  auth = new AuthState(bench.database.path, bench.box, new BaileysDouble());
});
afterAll(() => bench.close());
beforeEach(async () => {
  const bot = await bench.makeBot();
  connection = { tenantId: bot.tenantId, connectionId: await bench.makeConnection(bot, { provider: 'baileys' }) };
});

async function rowsOf(connectionId: string): Promise<{ type: string; id: string; sealed: Buffer }[]> {
  const { rows } = await bench.database.owner.query(
    'select type, id, sealed from linked_key where connection_id = $1 order by type, id',
    [connectionId],
  );
  return rows;
}

describe('the keys of a linked device', () => {
  it('come back as they were set, from another process and under any name', async () => {
    const first = await auth.load(connection, 1);
    const session = randomBytes(40);
    await first.auth.keys.set({
      session: { '5215511112222.0:7@s/x': session, gone: randomBytes(3) },
      'lid-mapping': { '5215511112222': '900', '900_reverse': '5215511112222' },
      'a-type-of-tomorrow': { x: { deep: [new Uint8Array([1, 2])] } },
    });
    await first.auth.keys.set({ session: { gone: null } });

    const { keys } = (await auth.load(connection, 2)).auth;
    expect(await keys.get('session', ['5215511112222.0:7@s/x', 'gone', 'never'])).toEqual({
      '5215511112222.0:7@s/x': session,
    });
    expect(await keys.get('lid-mapping', ['900_reverse'])).toEqual({ '900_reverse': '5215511112222' });
    expect(await keys.get('a-type-of-tomorrow', ['x'])).toEqual({ x: { deep: [Buffer.from([1, 2])] } });
    expect(await keys.get('session', [])).toEqual({});
  });

  it('are made protobuf objects again where Baileys calls their methods', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    await keys.set({ 'app-state-sync-key': { AAAA: { keyData: Buffer.from('k') } } });
    const { AAAA } = await keys.get('app-state-sync-key', ['AAAA']);
    expect(AAAA).toBeInstanceOf(AppStateSyncKeyDouble);
    expect(AAAA).toMatchObject({ keyData: Buffer.from('k') });
  });

  it('of the first login, a thousand at once, are one durable write', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    const preKeys = Object.fromEntries(
      Array.from({ length: 1000 }, (_, n) => [`${n}`, { public: randomBytes(32), private: randomBytes(32) }]),
    );
    await keys.set({ 'pre-key': preKeys });
    expect(await rowsOf(connection.connectionId)).toHaveLength(1000);
    expect(await keys.get('pre-key', ['0', '999'])).toEqual({ '0': preKeys['0'], '999': preKeys['999'] });
  });

  it('are all written or none of them', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    await keys.set({ session: { a: Buffer.from('old') } });
    // Postgres refuses NUL in the second id.
    await expect(keys.set({ session: { a: Buffer.from('new'), 'b\0': Buffer.from('new') } })).rejects.toThrow();
    expect(await keys.get('session', ['a'])).toEqual({ a: Buffer.from('old') });
  });

  it('set at the same time end as the last call left them', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    const ids = Array.from({ length: 50 }, (_, n) => `k${n}`);
    const all = Object.fromEntries(ids.map((id) => [id, Buffer.from(id)]));
    const none = Object.fromEntries(ids.toReversed().map((id) => [id, null]));
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => keys.set(n % 2 ? { x: all, y: none } : { y: all, x: none })),
    );
    const left = await Promise.all([keys.get('x', ids), keys.get('y', ids)]);
    expect(left.map((found) => Object.keys(found).length)).toEqual([50, 0]);
  });

  it('lie sealed, with the id of the key', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    await keys.set({ session: { a: 'a secret of WhatsApp' } });
    const [row] = await rowsOf(connection.connectionId);
    expect(row?.sealed.toString('latin1')).not.toContain('secret');
    const { rows } = await bench.database.owner.query('select key_id from linked_key where connection_id = $1', [
      connection.connectionId,
    ]);
    expect(rows).toEqual([{ key_id: bench.box.seal('x').keyId }]);
  });

  it("are out of reach for another line, and for the tenants' own role", async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    await keys.set({ session: { a: Buffer.from('mine') } });
    const other = await bench.makeBot();
    const connectionId = await bench.makeConnection(other, { provider: 'baileys' });
    const loaded = await auth.load({ tenantId: other.tenantId, connectionId }, 1);
    expect(await loaded.auth.keys.get('session', ['a'])).toEqual({});
    await expect(
      bench.database.tenants.transaction(other.tenantId, (tx) => tx.query('select * from linked_key')),
    ).rejects.toThrow(/permission denied/);
  });

  it('go with their connection', async () => {
    const { keys } = (await auth.load(connection, 1)).auth;
    await keys.set({ session: { a: Buffer.from('x') } });
    await bench.database.owner.query('delete from connection where id = $1', [connection.connectionId]);
    expect(await rowsOf(connection.connectionId)).toEqual([]);
  });
});

describe('the creds of a linked device', () => {
  it('are new until saved, then the same for every later holder', async () => {
    const first = await auth.load(connection, 1);
    expect(first.auth.creds.registered).toBe(false);
    Object.assign(first.auth.creds, { registered: true, me: { id: '52155:7@s.whatsapp.net' } });
    await first.saveCreds();
    const { creds } = (await auth.load(connection, 2)).auth;
    expect(creds).toEqual(first.auth.creds);
  });

  it('end as the last change left them, however many saves were under way', async () => {
    const { auth: state, saveCreds } = await auth.load(connection, 1);
    const saves = Array.from({ length: 20 }, (_, n) => {
      Object.assign(state.creds, { nextPreKeyId: n });
      return saveCreds();
    });
    await Promise.all(saves);
    expect((await auth.load(connection, 1)).auth.creds).toMatchObject({ nextPreKeyId: 19 });
  });

  it('are erased with the keys, and the next link starts with new ones', async () => {
    const first = await auth.load(connection, 1);
    Object.assign(first.auth.creds, { registered: true });
    await first.saveCreds();
    await first.auth.keys.set({ session: { a: Buffer.from('x') } });
    await auth.erase(connection.connectionId);
    expect(await rowsOf(connection.connectionId)).toEqual([]);
    expect((await auth.load(connection, 2)).auth.creds.registered).toBe(false);
  });
});

describe('a holder who was replaced', () => {
  it('writes neither keys nor creds, and is told', async () => {
    let told = 0;
    const old = await auth.load(connection, 1, () => (told += 1));
    await old.auth.keys.set({ session: { a: Buffer.from('1') } });
    const successor = await auth.load(connection, 2);
    await expect(old.auth.keys.set({ session: { a: Buffer.from('stale') } })).rejects.toThrow(StaleFenceError);
    await expect(old.auth.keys.set({ session: { a: null } })).rejects.toThrow(StaleFenceError);
    await expect(old.saveCreds()).rejects.toThrow(StaleFenceError);
    expect(told).toBe(3);
    expect(await successor.auth.keys.get('session', ['a'])).toEqual({ a: Buffer.from('1') });
  });

  it('does not get the keys again', async () => {
    await auth.load(connection, 5);
    await expect(auth.load(connection, 4)).rejects.toThrow(StaleFenceError);
    await expect(auth.load(connection, 5)).resolves.toBeDefined();
  });

  it('never leaves a write its successor does not read', async () => {
    const old = await auth.load(connection, 1);
    const writes = Array.from({ length: 60 }, async (_, n) => {
      try {
        await old.auth.keys.set({ session: { [`${n}`]: Buffer.from('x') } });
        return `${n}`;
      } catch {
        return null;
      }
    });
    const successor = await auth.load(connection, 2);
    const seen = Object.keys(
      await successor.auth.keys.get(
        'session',
        Array.from({ length: 60 }, (_, n) => `${n}`),
      ),
    );
    const acknowledged = (await Promise.all(writes)).filter((id) => id !== null);
    expect(seen.toSorted()).toEqual(acknowledged.toSorted());
  });
});

it('belongs to a line that exists', async () => {
  await expect(auth.load({ ...connection, connectionId: randomUUID() }, 1)).rejects.toThrow(/foreign key/);
});
