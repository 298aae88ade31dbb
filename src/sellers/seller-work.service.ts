import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/tenant.decorator.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellerSettings } from './seller-settings.entity.js';
import { sellerStatistics } from './seller-statistics.queries.js';
import type {
  ChangeSellerSettings,
  SellerSettingsView,
  SellerStatistics,
  SellerStatisticsList,
  StatisticsQuery,
} from './sellers.dto.js';
import { SellerNotFoundError } from './sellers.errors.js';

const WINDOW_MS = 30 * 86_400_000;

/** How work is shared among the sellers, and what became of it. */
@Injectable()
export class SellerWorkService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  getSettings(tenantId: TenantId): Promise<SellerSettingsView> {
    return this.db.transaction(tenantId, async (tx) => {
      const stored = await tx.getRepository(SellerSettings).findOneBy({ tenantId });
      return { rule: stored?.rule ?? 'round_robin', revision: stored?.revision ?? 0 };
    });
  }

  /** Holds from the next order on. @throws RevisionMismatchError */
  changeSettings(tenantId: TenantId, { rule }: ChangeSellerSettings, ifMatch?: string): Promise<SellerSettingsView> {
    return this.db.transaction(tenantId, async (tx) => {
      const settings = tx.getRepository(SellerSettings);
      const lock = { mode: 'pessimistic_write' } as const;
      const revision = (await settings.findOne({ where: { tenantId }, lock }))?.revision ?? 0;
      assertRevision(ifMatch, revision);
      const row = { tenantId, rule, revision: revision + 1, updatedAt: this.clock.now() };
      await settings.upsert(row, ['tenantId']);
      return { rule, revision: row.revision };
    });
  }

  /** Somebody whose role is seller sees their own. */
  listStatistics(tenantId: TenantId, caller: Caller, query: StatisticsQuery): Promise<SellerStatisticsList> {
    const window = this.windowOf(query);
    return this.db.transaction(tenantId, async (tx) => {
      const items = await sellerStatistics(tx, tenantId, { ...window, of: ownOf(caller) });
      return { from: window.from.toISOString(), to: window.to.toISOString(), items };
    });
  }

  /** @throws SellerNotFoundError unknown, another tenant's, or not the seller who asks */
  getStatistics(tenantId: TenantId, caller: Caller, id: string, query: StatisticsQuery): Promise<SellerStatistics> {
    return this.db.transaction(tenantId, async (tx) => {
      const of = { sellerId: id, ...ownOf(caller) };
      const [found] = await sellerStatistics(tx, tenantId, { ...this.windowOf(query), of });
      if (!found) throw new SellerNotFoundError(id);
      return found;
    });
  }

  private windowOf({ from, to }: StatisticsQuery): { from: Date; to: Date } {
    const end = to === undefined ? this.clock.now() : new Date(to);
    return { from: from === undefined ? new Date(end.getTime() - WINDOW_MS) : new Date(from), to: end };
  }
}

function ownOf({ role, userId }: Caller): { userId?: string } {
  return role === 'seller' ? { userId } : {};
}
