import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type AuditEntryView, auditPageSchema, type ListAudit, listAuditSchema } from './audit.dto.js';
import { AuditQueries } from './audit.queries.js';

@Tag('audit', 'Who changed what, and when.')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditQueries) {}

  @Get()
  @Access('audit:read')
  @Route({ summary: 'Who changed what, newest first', view: auditPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listAuditSchema }) query: ListAudit,
  ): Promise<Page<AuditEntryView>> {
    return this.audit.list(tenantId, query);
  }
}
