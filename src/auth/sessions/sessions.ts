import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, LessThan, Not } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { hashOf, makeSecret } from '../tenant-secret.js';
import { UserSession } from './user-session.entity.js';

export type SessionOwner = { readonly tenantId: TenantId; readonly userId: string };
/** Told to its owner, who may not recognise it. */
export type Origin = { readonly address: string; readonly userAgent: string | null };

const DAY_MS = 24 * 3_600_000;
/** Since its last refresh. */
export const TOKEN_LIFE_MS = 30 * DAY_MS;
/** Since its last use. */
export const COOKIE_LIFE_MS = 14 * DAY_MS;
const MAX_USER_AGENT = 300;

/** Sign-ins inside transactions of whoever begins or ends one. */
@Injectable()
export class Sessions {
  constructor(private readonly clock: Clock) {}

  async beginWithTokens(tx: EntityManager, owner: SessionOwner, origin: Origin): Promise<string> {
    return (await this.begin(tx, owner, origin, { kind: 'token', secretHash: null, lifeMs: TOKEN_LIFE_MS })).id;
  }

  /** The only time the secret is told. */
  async beginWithCookie(tx: EntityManager, owner: SessionOwner, origin: Origin): Promise<string> {
    const secret = makeSecret('dcs', owner.tenantId);
    await this.begin(tx, owner, origin, { kind: 'cookie', secretHash: hashOf(secret), lifeMs: COOKIE_LIFE_MS });
    return secret;
  }

  /** Locks it, so that whoever ends it waits. @returns false when it has ended */
  async use(tx: EntityManager, tenantId: TenantId, id: string): Promise<boolean> {
    const now = this.clock.now();
    const fields = { lastUsedAt: now, expiresAt: new Date(now.getTime() + TOKEN_LIFE_MS) };
    const { affected } = await tx.update(UserSession, { id, tenantId, endedAt: IsNull() }, fields);
    return affected === 1;
  }

  /** @returns false when there is no such live session of theirs */
  async end(tx: EntityManager, owner: SessionOwner, id: string): Promise<boolean> {
    const live = { ...owner, id, endedAt: IsNull() };
    return (await tx.update(UserSession, live, { endedAt: this.clock.now() })).affected === 1;
  }

  /** @param exceptId the one that goes on */
  async endAll(tx: EntityManager, owner: SessionOwner, exceptId?: string): Promise<void> {
    const others = exceptId === undefined ? {} : { id: Not(exceptId) };
    await tx.update(UserSession, { ...owner, ...others, endedAt: IsNull() }, { endedAt: this.clock.now() });
  }

  /** Forgets this user's expired ones. */
  private async begin(
    tx: EntityManager,
    owner: SessionOwner,
    { address, userAgent }: Origin,
    { lifeMs, ...kind }: Pick<UserSession, 'kind' | 'secretHash'> & { lifeMs: number },
  ): Promise<UserSession> {
    const now = this.clock.now();
    await tx.delete(UserSession, { ...owner, expiresAt: LessThan(now) });
    const session: UserSession = {
      id: randomUUID(),
      ...owner,
      ...kind,
      address,
      userAgent: userAgent?.slice(0, MAX_USER_AGENT) ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + lifeMs),
      endedAt: null,
    };
    await tx.insert(UserSession, session);
    return session;
  }
}
