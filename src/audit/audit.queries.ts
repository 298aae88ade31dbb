import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { AuditEntry } from './audit-entry.entity.js';
import { type AuditEntryView, type ListAudit, toAuditEntryView } from './audit.dto.js';

const SORTS: Readonly<Record<string, SortColumn>> = { at: { sql: 'a.created_at', type: 'timestamptz' } };

@Injectable()
export class AuditQueries {
  constructor(private readonly db: TenantDatabase) {}

  list(tenantId: TenantId, { limit, cursor, sort, from, to, ...wanted }: ListAudit): Promise<Page<AuditEntryView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.createQueryBuilder(AuditEntry, 'a').where({ tenantId, ...wanted });
      if (from !== undefined) query.andWhere('a.created_at >= :from', { from });
      if (to !== undefined) query.andWhere('a.created_at < :to', { to });
      const { items, nextCursor } = await sortedPage(query, { limit, cursor, sort }, SORTS);
      const names = await namesOf(tx, tenantId, items);
      return { items: items.map((entry) => toAuditEntryView(entry, names)), nextCursor };
    });
  }
}

async function namesOf(tx: EntityManager, tenantId: TenantId, entries: AuditEntry[]): Promise<Map<string, string>> {
  const ids = [...new Set(entries.map(({ actor }) => actor.split(':')[1]))];
  const rows: { id: string; name: string }[] = await tx.query(
    `select id, name from app_user where tenant_id = $1 and id = any ($2)
     union all select id, name from api_key where tenant_id = $1 and id = any ($2)`,
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
