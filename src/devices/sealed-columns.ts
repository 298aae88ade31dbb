import type { SealedColumn } from '../platform/crypto/rotate-keys.js';

export const DEVICE_SECRETS: readonly SealedColumn[] = [
  { table: 'linked_device', key: ['connection_id'], sealed: 'creds', keyId: 'key_id' },
  { table: 'linked_key', key: ['connection_id', 'type', 'id'], sealed: 'sealed', keyId: 'key_id' },
  { table: 'linked_session', key: ['connection_id'], sealed: 'secret', keyId: 'secret_key_id' },
];
