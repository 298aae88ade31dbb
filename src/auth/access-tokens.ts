import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import { Clock } from '../platform/clock.js';
import { SECRETS, type Secrets } from '../platform/config/secrets.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { NotSignedInError } from './auth.errors.js';
import { ROLES } from './permissions.js';
import type { Person } from './tenant.decorator.js';

/** Until then a changed role or a switched-off user keeps what the token says: nobody asks the database per request. */
export const ACCESS_TOKEN_SECONDS = 900;
const ISSUER = 'dashoffice';
const AUDIENCE = 'dashoffice-api';
const ALGORITHM = 'HS256';

const claimsSchema = z.object({ sub: z.uuid(), tid: z.uuid(), role: z.enum(ROLES) });

/** The signed statement of who is calling; the algorithm is ours to choose, never the token's. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  sign({ userId, tenantId, role }: Person): string {
    return this.jwt.sign(
      { sub: userId, tid: tenantId, role, iat: this.nowSeconds() },
      {
        secret: this.secrets.jwtSecret,
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience: AUDIENCE,
        expiresIn: ACCESS_TOKEN_SECONDS,
      },
    );
  }

  /** @throws NotSignedInError expired, altered, signed otherwise, or meant for something else */
  verify(token: string): Person {
    const { sub, tid, role } = this.claimsOf(token);
    return { userId: sub, tenantId: asTenantId(tid), role };
  }

  private claimsOf(token: string): z.output<typeof claimsSchema> {
    try {
      const claims: object = this.jwt.verify(token, {
        secret: this.secrets.jwtSecret,
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: this.nowSeconds(),
      });
      return claimsSchema.parse(claims);
    } catch (error) {
      throw new NotSignedInError({ cause: error });
    }
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}
