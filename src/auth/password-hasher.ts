import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';

/** argon2id, 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet): the defaults of @node-rs/argon2. */
@Injectable()
export class PasswordHasher {
  private decoy: Promise<string> | null = null;

  hash(password: string): Promise<string> {
    return hash(password);
  }

  /** @param stored null for an unknown user: costs the same work, so that time does not tell who has an account */
  async matches(stored: string | null, password: string): Promise<boolean> {
    this.decoy ??= hash(randomUUID());
    const isMatch = await verify(stored ?? (await this.decoy), password);
    return isMatch && stored !== null;
  }
}
