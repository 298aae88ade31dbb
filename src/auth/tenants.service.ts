import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ReminderTooEarlyError } from './auth.errors.js';
import { TenantProfile } from './tenant.entity.js';
import { type ChangeTenant, type TenantView, toTenantView } from './tenants.dto.js';

@Injectable()
export class TenantsService {
  constructor(private readonly db: TenantDatabase) {}

  get(tenantId: TenantId): Promise<TenantView> {
    return this.db.transaction(tenantId, (tx) => this.getIn(tx, tenantId));
  }

  /** The tenant's currency, locale and time zone, for features that are inside a transaction already. */
  async getIn(tx: EntityManager, tenantId: TenantId): Promise<TenantView> {
    return toTenantView(await tx.findOneByOrFail(TenantProfile, { id: tenantId }));
  }

  /**
   * Another time to pay counts from now on, so no order that is there already ends by surprise.
   *
   * @throws ReminderTooEarlyError the customer would be reminded before they order
   */
  change(tenantId: TenantId, change: ChangeTenant): Promise<TenantView> {
    return this.db.transaction(tenantId, async (tx) => {
      const before = await tx.findOneOrFail(TenantProfile, {
        where: { id: tenantId },
        lock: { mode: 'pessimistic_write' },
      });
      const { unpaidOrderExpiryMinutes: expiry = before.unpaidOrderExpiryMinutes } = change;
      const { unpaidOrderReminderMinutes: reminder = before.unpaidOrderReminderMinutes } = change;
      if (expiry !== null && reminder !== null && reminder >= expiry) throw new ReminderTooEarlyError(expiry);
      const since = expiry === before.unpaidOrderExpiryMinutes ? {} : { unpaidOrderExpirySince: () => 'now()' };
      if (Object.keys(change).length > 0) await tx.update(TenantProfile, { id: tenantId }, { ...change, ...since });
      return this.getIn(tx, tenantId);
    });
  }
}
