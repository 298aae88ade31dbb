import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { metricsQuerySchema, metricsViewSchema, type MetricsQuery, type MetricsView } from './analytics.dto.js';
import { AnalyticsService } from './analytics.service.js';

@ApiTags('analytics')
@Controller('analytics')
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Get('metrics')
  @Access('analytics:read')
  @ApiResponse({ status: 200, standardSchema: metricsViewSchema })
  metrics(
    @Tenant() tenantId: TenantId,
    @Query({ schema: metricsQuerySchema }) query: MetricsQuery,
  ): Promise<MetricsView> {
    return this.analytics.metrics(tenantId, query);
  }
}
