import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';
import type { TokenPair } from './auth.dto.js';
import type { Role } from './permissions.js';
import { type Chain, RefreshTokens } from './refresh-tokens.js';
import type { Origin, SessionOwner } from './sessions/sessions.js';
import type { Person } from './tenant.decorator.js';
import { User } from './user.entity.js';

/** An access token and the refresh token that gets the next pair. */
@Injectable()
export class TokenPairs {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  async begin(tx: EntityManager, { role, ...owner }: Person, origin: Origin): Promise<TokenPair> {
    return this.pair(await this.refreshTokens.begin(tx, owner, origin), role);
  }

  /** With the role as it is now. @returns null when there is no next pair; the transaction must commit all the same */
  async next(tx: EntityManager, tenantId: TenantId, refreshToken: string): Promise<TokenPair | null> {
    const chain = await this.refreshTokens.rotate(tx, tenantId, refreshToken);
    const user = chain && (await tx.findOneBy(User, { id: chain.userId, tenantId, isActive: true }));
    return user ? this.pair(chain, user.role) : null;
  }

  end(tx: EntityManager, tenantId: TenantId, refreshToken: string): Promise<SessionOwner | null> {
    return this.refreshTokens.end(tx, tenantId, refreshToken);
  }

  private pair({ tenantId, userId, sessionId, next }: Chain, role: Role): TokenPair {
    const accessToken = this.accessTokens.sign({ tenantId, userId, sessionId, role });
    return { accessToken, refreshToken: next, expiresInSeconds: ACCESS_TOKEN_SECONDS };
  }
}
