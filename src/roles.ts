/** Every feature; src/app.module.ts says where each is. */
const EVERY_FEATURE = [
  'auth',
  'analytics',
  'media',
  'flows',
  'bots',
  'contacts',
  'products',
  'sellers',
  'orders',
  'conversations',
  'incomingMessages',
  'receiving',
  'legacy',
  'devices',
  'delivery',
  'live',
  'webhooks',
  'health',
  'demo',
] as const;

export type Feature = (typeof EVERY_FEATURE)[number];

type RoleParts = {
  /** What these import comes with them. */
  readonly features: readonly Feature[];
  /** `turns`, `delivery` and `jobs` work; `live` keeps the sockets of people who look. */
  readonly loops: readonly string[];
  /** First parts of the paths it answers, besides the probes; null: all there are. */
  readonly paths: readonly string[] | null;
  readonly port: number;
};

/**
 * What a process of each role is made of; the first is the default. A role alone listens where the old system's service
 * of that name did. The orchestrator runs actions, so it has their owners.
 */
export const ROLES = {
  all: { features: EVERY_FEATURE, loops: ['turns', 'delivery', 'jobs', 'live'], paths: null, port: 4009 },
  api: {
    features: EVERY_FEATURE.filter((feature) => feature !== 'demo'),
    loops: ['live'],
    paths: ['api', 'media'],
    port: 4009,
  },
  adapter: {
    features: ['auth', 'delivery', 'devices', 'receiving', 'legacy', 'live', 'health'],
    loops: ['delivery'],
    paths: ['webhooks', 'media', 'send', 'qr', 'status'],
    port: 3010,
  },
  orchestrator: {
    features: [
      'auth',
      'conversations',
      'incomingMessages',
      'orders',
      'products',
      'sellers',
      'contacts',
      'live',
      'health',
    ],
    loops: ['turns'],
    paths: ['message'],
    port: 3011,
  },
  analytics: {
    features: ['auth', 'analytics', 'webhooks', 'products', 'live', 'health'],
    loops: ['jobs'],
    paths: ['api/analytics'],
    port: 4009,
  },
} as const satisfies Record<string, RoleParts>;

export type Role = keyof typeof ROLES;

/** Providers' webhooks by name: `webhooks` under the prefix is the tenants' own. */
const PROVIDER_WEBHOOKS = ['webhooks/official', 'webhooks/twilio/{*rest}', 'webhooks/evolution/{*rest}'];
/** Files by signed link. Their rows are at `/api/media`: told by path alone, the two need the prefix written out. */
const MEDIA = ['media/{*rest}', 'api/media', 'api/media/{*rest}'];

/** Outside `/api`: what providers, probes and the old system's clients call. */
export const BARE_PATHS = [
  ...PROVIDER_WEBHOOKS,
  ...MEDIA,
  'health/{*rest}',
  'metrics',
  'send',
  'qr',
  'status',
  'message',
] as const;

/** @throws TypeError a role that is not in the table, which the configuration refuses before */
export function partsOf(role: string): RoleParts {
  if (!Object.hasOwn(ROLES, role)) throw new TypeError(`There is no role ${role}`);
  return ROLES[role as Role];
}

/** What the HTTP side of a process of this role answers. */
export function routesOf(role: string): { role: string; served: readonly string[] | null; bare: readonly string[] } {
  const { paths } = partsOf(role);
  return { role, served: paths && [...paths, 'health', 'metrics'], bare: BARE_PATHS };
}
