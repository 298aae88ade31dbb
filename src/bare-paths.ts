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
];
