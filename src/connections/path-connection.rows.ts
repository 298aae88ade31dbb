import { asTenantId } from '../platform/tenancy/tenant-id.js';
import type { ProviderAccount } from '../providers/whatsapp-provider.js';
import type { PathConnection, ConnectionHealth, WindowTemplate } from './path-connection.js';

/** A lost authorisation may come back without anybody changing the credentials. */
export const IS_PROBE_DUE = `(n.state = 'active' and n.health = 'auth_lost'
  and coalesce(n.health_at <= now() - interval '5 minutes', true))`;

/** Connections with what their bots' owners decided; `where` names the connection `n`. */
export function selectConnections(where: string): string {
  return `select n.id, n.tenant_id, n.bot_id, n.provider, n.external_id, n.state, n.health, n.credentials, n.credentials_key_id,
      coalesce(n.number, s.phone) as number, ${IS_PROBE_DUE} as is_probe_due, b.failover, b.window_template,
      greatest(n.restricted_until, s.restricted_until) as restricted_until,
      coalesce(s.state <> 'open' or s.lease_until <= now(), false) as is_offline
    from connection n join bot b on b.id = n.bot_id left join linked_session s on s.connection_id = n.id ${where}`;
}

export type PathConnectionRow = {
  id: string;
  tenant_id: string;
  bot_id: string;
  provider: string;
  external_id: string | null;
  number: string | null;
  state: string;
  health: ConnectionHealth;
  is_probe_due: boolean;
  is_offline: boolean;
  restricted_until: Date | null;
  credentials: Buffer;
  credentials_key_id: string;
  failover: 'same_number' | 'any_number';
  window_template: WindowTemplate | null;
};

export function toPathConnection(row: PathConnectionRow, account: ProviderAccount | null): PathConnection {
  return {
    tenantId: asTenantId(row.tenant_id),
    botId: row.bot_id,
    connectionId: row.id,
    provider: row.provider,
    number: numberOf(row.number ?? account?.credentials['from']),
    isPaused: row.state === 'paused',
    health: row.health,
    isProbeDue: row.is_probe_due,
    isOffline: row.is_offline,
    restrictedUntil: row.restricted_until,
    account,
    bot: { failover: row.failover, windowTemplate: row.window_template },
  };
}

function numberOf(value: string | undefined): string | null {
  return value?.replace(/\D/g, '') || null;
}
