import { Injectable } from '@nestjs/common';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { PathPool } from '../platform/database/path-pool.js';
import { serial } from '../platform/loops/serial.js';
import { fromStored, toStored } from '../providers/baileys/binary-json.js';
import { StaleFenceError } from '../providers/baileys/baileys.errors.js';
import {
  SocketFactory,
  type AuthCodec,
  type LinkedAuth,
  type LinkedCreds,
} from '../providers/baileys/linked-socket.js';

export type StoredAuth = {
  readonly auth: LinkedAuth;
  /** Writes the whole creds object; on every `creds.update`. @throws StaleFenceError */
  saveCreds(): Promise<void>;
};

type DeviceLine = { readonly tenantId: string; readonly connectionId: string };
type Holder = DeviceLine & { readonly fence: number; readonly onStale: () => void };
type Row = {
  readonly type: string;
  readonly id: string;
  readonly sealed: Buffer | null;
  readonly keyId: string | null;
};

/** Its values are protobuf objects, which a round through JSON would leave without their methods (reference 5.4). */
const APP_STATE_KEY = 'app-state-sync-key';

/**
 * The creds and keys of linked devices: sealed rows in Postgres, and nothing kept in memory. A lost write means messages
 * nobody can decrypt, so every `set` is one statement, awaited; a write by a holder who was replaced is refused, because
 * two processes that use the same keys destroy them.
 */
@Injectable()
export class AuthState {
  constructor(
    private readonly path: PathPool,
    private readonly box: SecretBox,
    private readonly sockets: SocketFactory,
  ) {}

  /**
   * What is stored, or a device that is not linked yet. From here on only writes with this fence count.
   *
   * @param onStale a write was refused because a newer holder is there: Baileys would try it again for half a minute
   * @throws StaleFenceError a newer holder has been here
   * @throws BaileysNotInstalledError
   */
  async load(connection: DeviceLine, fence: number, onStale: () => void = () => undefined): Promise<StoredAuth> {
    const codec = await this.sockets.codec();
    const [device] = await this.path.query<{ fence: string; creds: Buffer | null; key_id: string | null }>(TAKE, [
      connection.connectionId,
      connection.tenantId,
      fence,
    ]);
    if (!device || Number(device.fence) !== fence) throw new StaleFenceError(connection.connectionId, fence);
    const creds =
      device.creds && device.key_id
        ? (fromStored(this.box.open(device.key_id, device.creds)) as LinkedCreds)
        : codec.newCreds();
    const holder = { ...connection, fence, onStale };
    return {
      auth: { creds, keys: this.keysOf(holder, codec) },
      saveCreds: newestLast(() => this.save(holder, creds)),
    };
  }

  /** The device is linked no longer: its creds and keys are worth nothing, and the next one starts anew. */
  async erase(connectionId: string): Promise<void> {
    await this.path.transaction(async (client) => {
      await client.query(
        'update linked_device set creds = null, key_id = null, updated_at = now() where connection_id = $1',
        [connectionId],
      );
      await client.query('delete from linked_key where connection_id = $1', [connectionId]);
    });
  }

  private keysOf(holder: Holder, codec: AuthCodec): LinkedAuth['keys'] {
    // A statement that waits does not see what the one before it wrote.
    const inTurn = serial();
    return {
      get: (type, ids) => this.read(holder.connectionId, type, ids, codec),
      set: (data) => inTurn(() => this.write(holder, data)),
    };
  }

  private async read(
    connectionId: string,
    type: string,
    ids: readonly string[],
    codec: AuthCodec,
  ): Promise<Record<string, unknown>> {
    if (ids.length === 0) return {};
    const rows = await this.path.query<{ id: string; key_id: string; sealed: Buffer }>(READ, [connectionId, type, ids]);
    const values = rows.map(({ id, key_id: keyId, sealed }): [string, unknown] => {
      const value = fromStored(this.box.open(keyId, sealed));
      return [id, type === APP_STATE_KEY ? codec.toAppStateSyncKey(value) : value];
    });
    return Object.fromEntries(values);
  }

  private async write(holder: Holder, data: Parameters<LinkedAuth['keys']['set']>[0]): Promise<void> {
    const rows = Object.entries(data).flatMap(([type, values]) =>
      Object.entries(values).map(([id, value]) => this.toRow(type, id, value)),
    );
    if (rows.length === 0) return;
    const [written] = await this.path.query<{ is_held: boolean }>(WRITE, [
      holder.connectionId,
      holder.fence,
      holder.tenantId,
      rows.map(({ type }) => type),
      rows.map(({ id }) => id),
      rows.map(({ keyId }) => keyId),
      rows.map(({ sealed }) => sealed),
    ]);
    if (!written?.is_held) throw stale(holder);
  }

  private toRow(type: string, id: string, value: unknown): Row {
    if (value === null || value === undefined) return { type, id, sealed: null, keyId: null };
    return { type, id, ...this.box.seal(toStored(value)) };
  }

  private async save(holder: Holder, creds: LinkedCreds): Promise<void> {
    const { keyId, sealed } = this.box.seal(toStored(creds));
    const saved = await this.path.query(
      `update linked_device set creds = $3, key_id = $4, updated_at = now()
        where connection_id = $1 and fence = $2 returning 1`,
      [holder.connectionId, holder.fence, sealed, keyId],
    );
    if (saved.length === 0) throw stale(holder);
  }
}

const TAKE = `
  insert into linked_device as d (connection_id, tenant_id, fence) values ($1, $2, $3)
  on conflict (connection_id) do update set fence = greatest(d.fence, excluded.fence), updated_at = now()
  returning fence, creds, key_id`;

const READ =
  'select id, key_id, sealed from linked_key where connection_id = $1 and type = $2 and id = any($3::text[])';

/** The lock holds off a successor until the rows are written, so that it reads all of them. */
const WRITE = `
  with held as materialized (
    select 1 from linked_device where connection_id = $1 and fence = $2 for share
  ), given as materialized (
    select g.* from unnest($4::text[], $5::text[], $6::text[], $7::bytea[]) as g(type, id, key_id, sealed)
     where exists (select 1 from held)
  ), put as (
    insert into linked_key (connection_id, tenant_id, type, id, key_id, sealed)
    select $1, $3, type, id, key_id, sealed from given where sealed is not null 
    on conflict (connection_id, type, id) do update set key_id = excluded.key_id, sealed = excluded.sealed
  ), gone as (
    delete from linked_key k using given g
     where k.connection_id = $1 and k.type = g.type and k.id = g.id and g.sealed is null
  )
  select exists (select 1 from held) as is_held`;

function stale({ connectionId, fence, onStale }: Holder): StaleFenceError {
  onStale();
  return new StaleFenceError(connectionId, fence);
}

/** An older state never overwrites a newer one; calls that come while one waits share its run. */
function newestLast(run: () => Promise<void>): () => Promise<void> {
  const inTurn = serial();
  let waiting: Promise<void> | null = null;
  return () => {
    waiting ??= inTurn(() => {
      waiting = null;
      return run();
    });
    return waiting;
  };
}
