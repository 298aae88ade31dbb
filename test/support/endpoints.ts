import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { OUTGOING_EVENT_TYPES, type OutgoingEventType } from '../../src/webhooks/outgoing-events.js';

/** Somebody who wants to be told of these; nothing is sent, for the address answers nobody. @returns the endpoint's id */
export async function addEndpoint(
  owner: Pool,
  tenantId: string,
  types: readonly OutgoingEventType[] = OUTGOING_EVENT_TYPES,
): Promise<string> {
  const id = randomUUID();
  await owner.query(
    `insert into webhook_endpoint (id, tenant_id, url, types, key_id, secret) values ($1, $2, 'http://127.0.0.1:9', $3, 'k', '')`,
    [id, tenantId, types],
  );
  return id;
}
