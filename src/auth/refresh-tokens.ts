import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, LessThan, Not } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { RefreshToken } from './refresh-token.entity.js';
import { hashOf, makeSecret } from './tenant-secret.js';

const LIFE_MS = 30 * 24 * 3_600_000;

export type Owner = { readonly tenantId: TenantId; readonly userId: string };

/** Chains of single-use tokens. A link that comes back after its use was stolen, or its successor was: the chain ends. */
@Injectable()
export class RefreshTokens {
  constructor(private readonly clock: Clock) {}

  /** Begins a chain, and forgets this user's expired ones. */
  async begin(tx: EntityManager, owner: Owner): Promise<string> {
    await tx.delete(RefreshToken, { ...owner, expiresAt: LessThan(this.clock.now()) });
    return this.issue(tx, owner, randomUUID());
  }

  /**
   * Exchanges a link for the next one.
   *
   * @returns null when it is unknown, expired, revoked or used before; the last also revokes the chain, so the
   *   caller must let the transaction commit
   */
  async rotate(tx: EntityManager, tenantId: TenantId, token: string): Promise<(Owner & { next: string }) | null> {
    const row = await this.find(tx, tenantId, token);
    const now = this.clock.now();
    if (!row || row.expiresAt <= now || (await this.isRevoked(tx, tenantId, row.familyId))) return null;
    if (row.usedAt) {
      await this.revokeFamily(tx, tenantId, row.familyId);
      return null;
    }
    await tx.update(RefreshToken, { id: row.id, tenantId }, { usedAt: now });
    const owner = { tenantId, userId: row.userId };
    return { ...owner, next: await this.issue(tx, owner, row.familyId) };
  }

  /** Ends the chain a link belongs to; a token nobody knows ends nothing. */
  async end(tx: EntityManager, tenantId: TenantId, token: string): Promise<void> {
    const row = await this.find(tx, tenantId, token);
    if (row) await this.revokeFamily(tx, tenantId, row.familyId);
  }

  /** Ends every chain of a user: a new password, another role, or switched off. */
  async endAll(tx: EntityManager, owner: Owner): Promise<void> {
    await tx.update(RefreshToken, { ...owner, revokedAt: IsNull() }, { revokedAt: this.clock.now() });
  }

  /** Locked, so that of two exchanges of one link the second sees the first. */
  private find(tx: EntityManager, tenantId: TenantId, token: string): Promise<RefreshToken | null> {
    return tx.getRepository(RefreshToken).findOne({
      where: { tenantId, tokenHash: hashOf(token) },
      lock: { mode: 'pessimistic_write' },
    });
  }

  /** One revoked link is enough: the newest may have been made while the others were being revoked. */
  private isRevoked(tx: EntityManager, tenantId: TenantId, familyId: string): Promise<boolean> {
    return tx.existsBy(RefreshToken, { tenantId, familyId, revokedAt: Not(IsNull()) });
  }

  private async revokeFamily(tx: EntityManager, tenantId: TenantId, familyId: string): Promise<void> {
    await tx.update(RefreshToken, { tenantId, familyId, revokedAt: IsNull() }, { revokedAt: this.clock.now() });
  }

  private async issue(tx: EntityManager, { tenantId, userId }: Owner, familyId: string): Promise<string> {
    const token = makeSecret('drt', tenantId);
    await tx.insert(RefreshToken, {
      id: randomUUID(),
      tenantId,
      userId,
      familyId,
      tokenHash: hashOf(token),
      expiresAt: new Date(this.clock.now().getTime() + LIFE_MS),
    });
    return token;
  }
}
