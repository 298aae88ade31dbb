import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type AuditEntryView,
  auditPageSchema,
  type ListAudit,
  listAuditSchema,
  auditEntryViewSchema,
} from './audit.dto.js';
import { AuditQueries } from './audit.queries.js';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditQueries) {}

  @Get()
  @Access('audit:read')
  @SparseFields(auditEntryViewSchema)
  @ApiOperation({ summary: 'Who changed what, newest first' })
  @ApiResponse({ status: 200, standardSchema: auditPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listAuditSchema }) query: ListAudit,
  ): Promise<Page<AuditEntryView>> {
    return this.audit.list(tenantId, query);
  }
}
