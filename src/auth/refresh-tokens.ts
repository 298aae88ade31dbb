import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, LessThan } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { RefreshToken } from './refresh-token.entity.js';
import { type Origin, type SessionOwner, Sessions, TOKEN_LIFE_MS } from './sessions/sessions.js';
import { hashOf, makeSecret } from './tenant-secret.js';

export type Chain = SessionOwner & { readonly sessionId: string; readonly next: string };

/** Chains of single-use tokens. A link that comes back after its use was stolen, or its successor was: the chain ends. */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly clock: Clock,
    private readonly sessions: Sessions,
  ) {}

  /** Begins a chain, and forgets this user's expired links. */
  async begin(tx: EntityManager, owner: SessionOwner, origin: Origin): Promise<Chain> {
    await tx.delete(RefreshToken, { ...owner, expiresAt: LessThan(this.clock.now()) });
    const sessionId = await this.sessions.beginWithTokens(tx, owner, origin);
    return { ...owner, sessionId, next: await this.issue(tx, owner, sessionId) };
  }

  /**
   * Exchanges a link for the next one.
   *
   * @returns null when it is unknown, expired, used before, or its session has ended; a used one also ends the session,
   *   so the caller must let the transaction commit
   */
  async rotate(tx: EntityManager, tenantId: TenantId, token: string): Promise<Chain | null> {
    const row = await this.find(tx, tenantId, token);
    if (!row || row.expiresAt <= this.clock.now()) return null;
    const owner = { tenantId, userId: row.userId };
    const sessionId = row.familyId;
    if (row.usedAt) {
      await this.sessions.end(tx, owner, sessionId);
      return null;
    }
    if (!(await this.sessions.use(tx, tenantId, sessionId))) return null;
    await tx.update(RefreshToken, { id: row.id, tenantId }, { usedAt: this.clock.now() });
    return { ...owner, sessionId, next: await this.issue(tx, owner, sessionId) };
  }

  /** Ends the session a link belongs to; a token nobody knows ends nothing. */
  async end(tx: EntityManager, tenantId: TenantId, token: string): Promise<SessionOwner | null> {
    const row = await this.find(tx, tenantId, token);
    if (!row) return null;
    const owner = { tenantId, userId: row.userId };
    await this.sessions.end(tx, owner, row.familyId);
    return owner;
  }

  /** Locked, so that of two exchanges of one link the second sees the first. */
  private find(tx: EntityManager, tenantId: TenantId, token: string): Promise<RefreshToken | null> {
    return tx.getRepository(RefreshToken).findOne({
      where: { tenantId, tokenHash: hashOf(token) },
      lock: { mode: 'pessimistic_write' },
    });
  }

  private async issue(tx: EntityManager, { tenantId, userId }: SessionOwner, familyId: string): Promise<string> {
    const token = makeSecret('drt', tenantId);
    await tx.insert(RefreshToken, {
      id: randomUUID(),
      tenantId,
      userId,
      familyId,
      tokenHash: hashOf(token),
      expiresAt: new Date(this.clock.now().getTime() + TOKEN_LIFE_MS),
    });
    return token;
  }
}
