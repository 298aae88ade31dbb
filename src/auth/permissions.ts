export const ROLES = ['owner', 'admin', 'manager', 'seller', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** The one permission table: who may do what. A route names its permission; nothing else decides. */
export const PERMISSIONS = {
  'analytics:read': ['owner', 'admin', 'manager', 'viewer'],
  'bots:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'bots:write': ['owner', 'admin'],
  'connections:read': ['owner', 'admin', 'manager'],
  'connections:write': ['owner', 'admin'],
  'contacts:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'contacts:write': ['owner', 'admin', 'manager', 'seller'],
  'conversations:read': ['owner', 'admin', 'manager', 'seller', 'viewer'],
  'conversations:write': ['owner', 'admin', 'manager', 'seller'],
  'flows:read': ['owner', 'admin', 'manager', 'viewer'],
  'flows:write': ['owner', 'admin'],
  'messages:send': ['owner', 'admin', 'manager', 'seller'],
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
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;
