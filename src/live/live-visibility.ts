import type { KnownCaller } from '../auth/callers.service.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

type Permission = KnownCaller['permissions'][number];

/** Who sees which live events, by what stands before the dot. Whoever sees a code may link a phone of theirs. */
const NEEDED: readonly (readonly [prefix: string, permission: Permission])[] = [
  ['connection.qr', 'connections:write'],
  ['connection.', 'connections:read'],
  ['conversation.', 'conversations:read'],
  ['message.', 'conversations:read'],
  ['contact.', 'contacts:read'],
  ['order.', 'orders:read'],
  ['product.', 'products:read'],
];

/** Null for an event nobody is said to see. */
export function roomOf(tenantId: TenantId, type: string): string | null {
  const permission = NEEDED.find(([prefix]) => type.startsWith(prefix))?.[1];
  return permission ? room(tenantId, permission) : null;
}

export function roomsOf({ caller, permissions }: KnownCaller): string[] {
  const seen = new Set(NEEDED.map(([, permission]) => permission));
  // A seller sees their own orders only, and an event is everybody's.
  if (caller.role === 'seller') seen.delete('orders:read');
  const rooms = permissions.filter((permission) => seen.has(permission));
  return [everybodyOf(caller.tenantId), ...rooms.map((permission) => room(caller.tenantId, permission))];
}

/** Everybody of the tenant who listens, whatever they may see. */
export function everybodyOf(tenantId: TenantId): string {
  return tenantId;
}

function room(tenantId: TenantId, permission: Permission): string {
  return `${tenantId} ${permission}`;
}
