import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { SignedTokens } from './signed-tokens.js';

export const DEVICE_TOKEN_SECONDS = 180 * 24 * 3600;
const AUDIENCE = 'dashoffice-device';

const claimsSchema = z.object({ acc: z.string(), jti: z.uuid() });

/**
 * Remembers a browser that somebody has signed in on: it proves to be no stranger to that account, and nothing else. So
 * whoever guesses an account's password from elsewhere slows down strangers only (OWASP, device cookies).
 */
@Injectable()
export class Devices {
  constructor(private readonly tokens: SignedTokens) {}

  /** @param email lower case */
  remember(email: string): string {
    return this.tokens.sign({ acc: accountOf(email), jti: randomUUID() }, AUDIENCE, DEVICE_TOKEN_SECONDS);
  }

  /** @returns the device's id, or null for a stranger to this account */
  find(token: string | undefined, email: string): string | null {
    if (!token) return null;
    try {
      const { acc, jti } = claimsSchema.parse(this.tokens.verify(token, AUDIENCE));
      return acc === accountOf(email) ? jti : null;
    } catch {
      // Of no worth is the same as none: strangers may sign in.
      return null;
    }
  }
}

/** An e-mail as a key of fixed length that tells nobody the e-mail. */
export function accountOf(email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('base64url').slice(0, 22);
}
