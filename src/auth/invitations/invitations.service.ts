import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { sortedPage, type SortColumn } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { EmailTakenError, InvitationNotFoundError, OwnerOnlyError } from '../auth.errors.js';
import { OneTimeLinks } from '../one-time-links.js';
import type { Caller } from '../tenant.decorator.js';
import { hashOf, makeSecret } from '../tenant-secret.js';
import { TenantsService } from '../tenants.service.js';
import { User } from '../user.entity.js';
import { Invitation } from './invitation.entity.js';
import {
  type InvitationView,
  type Invite,
  type NewInvitation,
  toInvitationView,
  type ListInvitations,
} from './invitations.dto.js';

const HOUR_MS = 3_600_000;

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 'i.created_at', type: 'timestamptz' },
  email: { sql: 'i.email', type: 'text' },
  expiresAt: { sql: 'i.expires_at', type: 'timestamptz' },
};

@Injectable()
export class InvitationsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly tenants: TenantsService,
    private readonly links: OneTimeLinks,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, page: ListInvitations): Promise<Page<InvitationView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.createQueryBuilder(Invitation, 'i').where({ tenantId });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map((invitation) => toInvitationView(invitation, this.clock.now())), nextCursor };
    });
  }

  /**
   * Takes the place of an open one for the same e-mail. The only time the link is told.
   *
   * @throws OwnerOnlyError an owner is invited by somebody who is none
   * @throws EmailTakenError by a user of this tenant; of another, whoever accepts is told
   */
  async invite(caller: Caller, { expiresInHours, ...who }: Invite): Promise<NewInvitation> {
    if (who.role === 'owner' && caller.role !== 'owner') throw new OwnerOnlyError();
    const { tenantId } = caller;
    const now = this.clock.now();
    const token = makeSecret('din', tenantId);
    const invitation: Invitation = {
      id: randomUUID(),
      tenantId,
      ...who,
      tokenHash: hashOf(token),
      invitedBy: caller.userId,
      expiresAt: new Date(now.getTime() + expiresInHours * HOUR_MS),
      acceptedAt: null,
      revokedAt: null,
      createdAt: now,
    };
    const tenant = await this.db.transaction(tenantId, async (tx) => {
      if (await tx.existsBy(User, { tenantId, email: who.email })) throw new EmailTakenError();
      const open = { tenantId, email: who.email, acceptedAt: IsNull(), revokedAt: IsNull() };
      await tx.update(Invitation, open, { revokedAt: now });
      await tx.insert(Invitation, invitation);
      return this.tenants.getIn(tx, tenantId);
    });
    const isMailed = await this.links.mail('invitation', token, who.email, tenant);
    return { ...toInvitationView(invitation, now), link: this.links.linkOf('invitation', token), isMailed };
  }

  /** @throws InvitationNotFoundError unknown, another tenant's, or not open any more */
  async revoke(tenantId: TenantId, id: string): Promise<void> {
    await this.db.transaction(tenantId, async (tx) => {
      const open = { id, tenantId, acceptedAt: IsNull(), revokedAt: IsNull() };
      const { affected } = await tx.update(Invitation, open, { revokedAt: this.clock.now() });
      if (affected === 0) throw new InvitationNotFoundError(id);
    });
  }
}
