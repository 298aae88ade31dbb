import { Injectable } from '@nestjs/common';
import { z } from 'zod';
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

export type PersonInSession = Person & { readonly sessionId: string };

/** The signed statement of who is calling, in which session. */
@Injectable()
export class AccessTokens {
  constructor(private readonly tokens: SignedTokens) {}

  sign({ userId, tenantId, role, sessionId }: PersonInSession): string {
    return this.tokens.sign({ sub: userId, tid: tenantId, role, sid: sessionId }, AUDIENCE, ACCESS_TOKEN_SECONDS);
  }

  /** @throws NotSignedInError expired, altered, signed otherwise, or meant for something else */
  verify(token: string): PersonInSession {
    try {
      const { sub, tid, role, sid } = claimsSchema.parse(this.tokens.verify(token, AUDIENCE));
      return { userId: sub, tenantId: asTenantId(tid), role, sessionId: sid };
    } catch (error) {
      throw new NotSignedInError({ cause: error });
    }
  }
}
