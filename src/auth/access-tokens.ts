import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../platform/clock.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { NotSignedInError } from './auth.errors.js';
import { ROLES } from './permissions.js';
import { SignedTokens } from './signed-tokens.js';
import type { Person } from './tenant.decorator.js';

export const ACCESS_TOKEN_SECONDS = 900;
const AUDIENCE = 'dashoffice-api';

const claimsSchema = z.object({
  sub: z.uuid(),
  tid: z.uuid(),
  role: z.enum(ROLES),
  sid: z.uuid(),
  exp: z.int(),
});

/** Checking a signature costs more than the rest of a request that is answered from memory. */
const MAX_VERIFIED = 10_000;

export type PersonInSession = Person & { readonly sessionId: string };

/** The signed statement of who is calling, in which session. */
@Injectable()
export class AccessTokens {
  private readonly verified = new Map<string, { readonly person: PersonInSession; readonly expiresMs: number }>();

  constructor(
    private readonly tokens: SignedTokens,
    private readonly clock: Clock,
  ) {}

  sign({ userId, tenantId, role, sessionId }: PersonInSession): string {
    return this.tokens.sign({ sub: userId, tid: tenantId, role, sid: sessionId }, AUDIENCE, ACCESS_TOKEN_SECONDS);
  }

  /** @throws NotSignedInError expired, altered, signed otherwise, or meant for something else */
  verify(token: string): PersonInSession {
    const known = this.verified.get(token);
    if (known && known.expiresMs > this.clock.now().getTime()) return known.person;
    try {
      const { sub, tid, role, sid, exp } = claimsSchema.parse(this.tokens.verify(token, AUDIENCE));
      const person = { userId: sub, tenantId: asTenantId(tid), role, sessionId: sid };
      this.remember(token, { person, expiresMs: exp * 1000 });
      return person;
    } catch (error) {
      throw new NotSignedInError({ cause: error });
    }
  }

  private remember(token: string, verified: { person: PersonInSession; expiresMs: number }): void {
    const [oldest] = this.verified.keys();
    if (this.verified.size >= MAX_VERIFIED && oldest !== undefined) this.verified.delete(oldest);
    this.verified.delete(token);
    this.verified.set(token, verified);
  }
}
