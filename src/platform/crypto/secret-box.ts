import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SECRETS, type Secrets } from '../config/secrets.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Secrets at rest: AES-256-GCM, laid out as iv ‖ tag ‖ ciphertext, with the id of the key beside it (INV-11). */
@Injectable()
export class SecretBox {
  private readonly key: Buffer;
  private readonly keyId: string;

  constructor(@Inject(SECRETS) secrets: Secrets) {
    this.key = Buffer.from(secrets.encryptionKey, 'base64');
    this.keyId = createHash('sha256').update(this.key).digest('hex').slice(0, 12);
  }

  seal(plain: string): { keyId: string; sealed: Buffer } {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return { keyId: this.keyId, sealed: Buffer.concat([iv, cipher.getAuthTag(), body]) };
  }

  /** @throws Error sealed with another key, or altered since */
  open(keyId: string, sealed: Buffer): string {
    if (keyId !== this.keyId) throw new Error(`Sealed with key ${keyId}, and this process has key ${this.keyId}`);
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, IV_BYTES));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}
