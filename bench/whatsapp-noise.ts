import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

export type KeyPair = { readonly public: Uint8Array; readonly private: Uint8Array };
export type Agree = (ownPrivate: Uint8Array, theirPublic: Uint8Array) => Uint8Array;

const TAG_BYTES = 16;

/** The server's side of Noise_XX_25519_AESGCM_SHA256, as WhatsApp speaks it. Steps in the order of the methods. */
export class NoiseResponder {
  private hash: Buffer;
  private salt: Uint8Array;
  private key: Uint8Array;
  private counter = 0;

  constructor(
    { mode, header }: { mode: string; header: Uint8Array },
    private readonly agree: Agree,
  ) {
    this.hash = Buffer.from(mode);
    this.salt = this.hash;
    this.key = this.hash;
    this.mixHash(header);
  }

  /** @returns our static key and the certificate, sealed */
  hello(ephemeral: KeyPair, fixed: KeyPair, theirEphemeral: Uint8Array, certificate: Uint8Array) {
    this.mixHash(theirEphemeral);
    this.mixHash(ephemeral.public);
    this.mixKey(this.agree(ephemeral.private, theirEphemeral));
    const sealedStatic = this.seal(fixed.public);
    this.mixKey(this.agree(fixed.private, theirEphemeral));
    return { sealedStatic, sealedCertificate: this.seal(certificate) };
  }

  /** @returns the ciphers of everything that follows. @throws Error not sealed with these keys */
  finish(ephemeral: KeyPair, sealedStatic: Uint8Array, sealedPayload: Uint8Array): { seal: Cipher; open: Cipher } {
    this.mixKey(this.agree(ephemeral.private, this.open(sealedStatic)));
    this.open(sealedPayload);
    const [theirs, ours] = this.derive(new Uint8Array(0));
    const [sent, received] = [counting(), counting()];
    return {
      seal: (plain) => seal(plain, ours, sent(), new Uint8Array(0)),
      open: (sealed) => open(sealed, theirs, received(), new Uint8Array(0)),
    };
  }

  private mixHash(data: Uint8Array): void {
    this.hash = createHash('sha256').update(this.hash).update(data).digest();
  }

  private mixKey(secret: Uint8Array): void {
    [this.salt, this.key] = this.derive(secret);
    this.counter = 0;
  }

  private derive(secret: Uint8Array): [Uint8Array, Uint8Array] {
    const derived = new Uint8Array(hkdfSync('sha256', secret, this.salt, '', 64));
    return [derived.subarray(0, 32), derived.subarray(32)];
  }

  private seal(plain: Uint8Array): Buffer {
    const sealed = seal(plain, this.key, this.counter++, this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  private open(sealed: Uint8Array): Buffer {
    const plain = open(sealed, this.key, this.counter++, this.hash);
    this.mixHash(sealed);
    return plain;
  }
}

export type Cipher = (data: Uint8Array) => Buffer;

function counting(): () => number {
  let count = 0;
  return () => count++;
}

function seal(plain: Uint8Array, key: Uint8Array, count: number, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(count)).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(sealed: Uint8Array, key: Uint8Array, count: number, aad: Uint8Array): Buffer {
  const end = sealed.length - TAG_BYTES;
  const cipher = createDecipheriv('aes-256-gcm', key, nonce(count)).setAAD(aad).setAuthTag(sealed.subarray(end));
  return Buffer.concat([cipher.update(sealed.subarray(0, end)), cipher.final()]);
}

function nonce(count: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(count, 8);
  return bytes;
}
