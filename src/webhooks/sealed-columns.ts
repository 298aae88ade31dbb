import type { SealedColumn } from '../platform/crypto/rotate-keys.js';

export const WEBHOOK_SECRETS: readonly SealedColumn[] = [
  { table: 'webhook_endpoint', key: ['id'], sealed: 'secret', keyId: 'key_id' },
  { table: 'webhook_endpoint', key: ['id'], sealed: 'old_secret', keyId: 'old_key_id' },
];
