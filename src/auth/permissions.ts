export const ROLES = ['owner', 'admin', 'manager', 'seller', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** The one permission table: who may do what. A route names its permission; nothing else decides. */
export const PERMISSIONS = {
  'analytics:read': ['owner', 'admin', 'manager', 'viewer'],
  'api-keys:read': ['owner', 'admin'],
  'api-keys:write': ['owner', 'admin'],
  'audit:read': ['owner', 'admin'],
  'bots:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'bots:write': ['owner', 'admin'],
  'connections:read': ['owner', 'admin', 'manager'],
  'connections:write': ['owner', 'admin'],
  'contact-fields:write': ['owner', 'admin', 'manager'],
  'contacts:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'contacts:write': ['owner', 'admin', 'manager', 'seller'],
  'conversations:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'conversations:write': ['owner', 'admin', 'manager', 'seller'],
  'flows:read': ['owner', 'admin', 'manager', 'viewer'],
  'flows:write': ['owner', 'admin'],
  'messages:send': ['owner', 'admin', 'manager', 'seller'],
  'order-messages:write': ['owner', 'admin', 'manager'],
  'orders:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'orders:write': ['owner', 'admin', 'manager', 'seller'],
  'products:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'products:write': ['owner', 'admin', 'manager'],
  'sellers:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'sellers:write': ['owner', 'admin', 'manager'],
  'session:own': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'simulator:use': ['owner', 'admin', 'manager'],
  'tenant:write': ['owner'],
  'users:read': ['owner', 'admin'],
  'users:write': ['owner', 'admin'],
  'webhooks:read': ['owner', 'admin'],
  'webhooks:write': ['owner', 'admin'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/** Every permission of a role, in the table's order. */
export function permissionsOf(role: Role): Permission[] {
  return ALL.filter((permission) => rolesWith(permission).includes(role));
}

export function rolesWith(permission: Permission): readonly Role[] {
  return PERMISSIONS[permission];
}

const ALL = Object.keys(PERMISSIONS) as Permission[];

/**
 * What no API key may do, whoever made it and whatever its row says. A key lies in a configuration file, and whoever
 * finds it must not become somebody that its revocation does not stop: with `users:write` a finder makes a person or
 * sets an owner's password, with `api-keys:*` the next key or a list of whom else to look for, with `webhooks:write` is
 * told everything from then on, and `tenant:write` is the owner's own.
 */
const NEVER_FOR_KEYS = ['api-keys:read', 'api-keys:write', 'tenant:write', 'users:write', 'webhooks:write'] as const;
/** Comes with every key: who am I, and of which tenant. */
const ALWAYS_FOR_KEYS = 'session:own';

export type KeyPermission = Exclude<Permission, (typeof NEVER_FOR_KEYS)[number] | typeof ALWAYS_FOR_KEYS>;

/** What an API key can be given. */
export const KEY_PERMISSIONS: readonly KeyPermission[] = ALL.filter(isForKeys);

/** What a key may do of what its row says. */
export function permissionsOfKey(granted: readonly string[]): Permission[] {
  return [...KEY_PERMISSIONS.filter((permission) => granted.includes(permission)), ALWAYS_FOR_KEYS];
}

function isForKeys(permission: Permission): permission is KeyPermission {
  return permission !== ALWAYS_FOR_KEYS && !(NEVER_FOR_KEYS as readonly Permission[]).includes(permission);
}
