import type { SealedColumn } from '../platform/crypto/rotate-keys.js';

export const CONNECTION_SECRETS: readonly SealedColumn[] = [
  { table: 'connection', key: ['id'], sealed: 'credentials', keyId: 'credentials_key_id' },
];
