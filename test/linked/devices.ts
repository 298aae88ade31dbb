import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { toStored } from '../../src/providers/baileys/binary-json.js';

type Wanted = { readonly from?: number; readonly to: number; readonly creds?: () => object };

/** Devices of a new shop that were linked before and are to be open. @returns their ids at WhatsApp */
export async function linkDevices(owner: Pool, box: SecretBox, { from = 0, to, creds }: Wanted): Promise<string[]> {
  const [tenantId, botId, empty] = [randomUUID(), randomUUID(), box.seal('{}')];
  await owner.query(`insert into tenant (id, name, locale, currency) values ($1, 'Tienda', 'es', 'MXN')`, [tenantId]);
  await owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, 'Aurora')`, [botId, tenantId]);
  const devices = Array.from({ length: to - from }, (_, n) => {
    const id = `52155${String(10_000_000 + from + n)}:7@s.whatsapp.net`;
    return { id, connectionId: randomUUID(), ...box.seal(toStored({ ...creds?.(), registered: true, me: { id } })) };
  });
  const connectionIds = devices.map(({ connectionId }) => connectionId);
  await owner.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
     select id, $2, $3, 'baileys', 'Línea ' || n, $4, $5 from unnest($1::uuid[]) with ordinality c(id, n)`,
    [connectionIds, tenantId, botId, empty.sealed, empty.keyId],
  );
  await owner.query(
    `insert into linked_session (connection_id, tenant_id, state, phone, linked_at, last_open_at)
     select id, $2, 'open', '+' || split_part(device, ':', 1), now(), now()
       from unnest($1::uuid[], $3::text[]) c(id, device)`,
    [connectionIds, tenantId, devices.map(({ id }) => id)],
  );
  await owner.query(
    `insert into linked_device (connection_id, tenant_id, fence, creds, key_id)
     select id, $2, 0, creds, key_id from unnest($1::uuid[], $3::bytea[], $4::text[]) c(id, creds, key_id)`,
    [connectionIds, tenantId, devices.map(({ sealed }) => sealed), devices.map(({ keyId }) => keyId)],
  );
  return devices.map(({ id }) => id);
}

/** Whether the process with this id has the lease of the device, by Postgres' clock and under the newest fence. */
export async function holdsLease(owner: Pool, device: string, pid: number): Promise<boolean> {
  const { rows } = await owner.query(
    `select 1 from linked_session s join linked_device d using (connection_id)
      where s.phone = '+' || split_part($1, ':', 1) and split_part(s.holder, ':', 2) = $2
        and s.lease_until > now() and d.fence = s.fence`,
    [device, String(pid)],
  );
  return rows.length > 0;
}
