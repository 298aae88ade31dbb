import { CONNECTION_SECRETS } from './connections/sealed-columns.js';
import { DEVICE_SECRETS } from './devices/sealed-columns.js';
import type { SealedColumn } from './platform/crypto/rotate-keys.js';
import { CANARY } from './platform/crypto/encryption-canary.js';
import { WEBHOOK_SECRETS } from './webhooks/sealed-columns.js';

/** Every sealed value there is, feature by feature. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ...CONNECTION_SECRETS,
  ...DEVICE_SECRETS,
  ...WEBHOOK_SECRETS,
  CANARY,
];
