import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SECRETS, type Secrets } from '../config/secrets.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Secrets at rest: AES-256-GCM, laid out as iv ‖ tag ‖ ciphertext, with the id of the key beside it (INV-11). */
@Injectable()
export class SecretBox {
  /** Of the key that seals. */
  readonly keyId: string;
  private readonly key: Buffer;
  private readonly keys: ReadonlyMap<string, Buffer>;

  constructor(@Inject(SECRETS) { encryptionKey, oldEncryptionKeys = [] }: Secrets) {
    const keys = [encryptionKey, ...oldEncryptionKeys].map((key) => Buffer.from(key, 'base64'));
    this.key = Buffer.from(encryptionKey, 'base64');
    this.keyId = idOf(this.key);
    this.keys = new Map(keys.map((key) => [idOf(key), key]));
  }

  /** Ids of the keys that open and do not seal any more. */
  get oldKeyIds(): readonly string[] {
    return [...this.keys.keys()].filter((id) => id !== this.keyId);
  }

  seal(plain: string): { keyId: string; sealed: Buffer } {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return { keyId: this.keyId, sealed: Buffer.concat([iv, cipher.getAuthTag(), body]) };
  }

  /** @throws Error sealed with a key this process has not, or altered since */
  open(keyId: string, sealed: Buffer): string {
    const key = this.keys.get(keyId);
    if (!key) throw new Error(`Sealed with key ${keyId}, and this process has key ${[...this.keys.keys()].join(', ')}`);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}
