import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../platform/crypto/secret-box.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes, `whsec_` and base64. */
const SECRET_BYTES = 32;

/** The secrets an endpoint's deliveries are signed with: made and told once, sealed ever after (INV-11). */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly box: SecretBox) {}

  make(): { readonly secret: string; readonly keyId: string; readonly sealed: Buffer } {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    return { secret, ...this.box.seal(secret) };
  }

  /** All that sign now, the newest first: while a receiver changes over, there are two. */
  open(
    endpoint: Pick<WebhookEndpoint, 'keyId' | 'secret' | 'oldKeyId' | 'oldSecret' | 'oldSecretUntil'>,
    now: Date,
  ): string[] {
    const { keyId, secret, oldKeyId, oldSecret, oldSecretUntil } = endpoint;
    const secrets = [this.box.open(keyId, secret)];
    if (oldKeyId && oldSecret && oldSecretUntil && oldSecretUntil > now)
      secrets.push(this.box.open(oldKeyId, oldSecret));
    return secrets;
  }
}
