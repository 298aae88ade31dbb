import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { nameAuthor } from '../../platform/database/change.js';
import { violates } from '../../platform/database/constraint-violation.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { EmailTakenError, InvalidLinkError } from '../auth.errors.js';
import { PasswordHasher } from '../password-hasher.js';
import { hashOf, tenantOf } from '../tenant-secret.js';
import { TenantsService } from '../tenants.service.js';
import { User } from '../user.entity.js';
import { Invitation } from './invitation.entity.js';
import { type AcceptInvitation, type Invited, stateOf } from './invitations.dto.js';

/** What whoever has the link may do: see what they are invited to, and accept. */
@Injectable()
export class InvitedService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly passwords: PasswordHasher,
    private readonly tenants: TenantsService,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidLinkError */
  look(token: string): Promise<Invited> {
    const tenantId = tenantIn(token);
    return this.db.transaction(tenantId, async (tx) => this.viewIn(tx, await this.openIn(tx, tenantId, token)));
  }

  /**
   * @throws InvalidLinkError
   * @throws EmailTakenError somebody has signed up with this e-mail since
   */
  async accept({ token, password, name }: AcceptInvitation): Promise<Invited> {
    const tenantId = tenantIn(token);
    // Looked for before the hash, which costs so much that nobody may have it for nothing.
    await this.db.transaction(tenantId, (tx) => this.openIn(tx, tenantId, token));
    const userId = randomUUID();
    const passwordHash = await this.passwords.hash(password);
    nameAuthor(tenantId, `user:${userId}`);
    try {
      return await this.db.transaction(tenantId, async (tx) => {
        const invitation = await this.openIn(tx, tenantId, token);
        const now = this.clock.now();
        const { email, role } = invitation;
        const user = { id: userId, tenantId, email, role, passwordHash, name: name ?? invitation.name };
        await tx.insert(User, { ...user, createdAt: now, updatedAt: now });
        await tx.update(Invitation, { id: invitation.id, tenantId }, { acceptedAt: now });
        return this.viewIn(tx, user);
      });
    } catch (error) {
      if (violates(error, 'app_user_email')) throw new EmailTakenError({ cause: error });
      throw error;
    }
  }

  /** Locked, so that of two acceptances the second sees the first. */
  private async openIn(tx: EntityManager, tenantId: TenantId, token: string): Promise<Invitation> {
    const where = { tenantId, tokenHash: hashOf(token) };
    const invitation = await tx.findOne(Invitation, { where, lock: { mode: 'pessimistic_write' } });
    if (!invitation || stateOf(invitation, this.clock.now()) !== 'open') throw new InvalidLinkError();
    return invitation;
  }

  private async viewIn(
    tx: EntityManager,
    { tenantId, email, name, role }: Pick<Invitation, 'tenantId' | 'email' | 'name' | 'role'>,
  ): Promise<Invited> {
    const tenant = await this.tenants.getIn(tx, tenantId as TenantId);
    return { email, name, role, tenantName: tenant.name, locale: tenant.locale };
  }
}

function tenantIn(token: string): TenantId {
  const tenantId = tenantOf('din', token);
  if (!tenantId) throw new InvalidLinkError();
  return tenantId;
}
