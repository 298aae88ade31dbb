import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { metricsQuerySchema, metricsViewSchema, type MetricsQuery, type MetricsView } from './analytics.dto.js';
import { AnalyticsService } from './analytics.service.js';

@Tag('analytics', 'Figures of the business: messages, response times, conversions, revenue.')
@Controller('analytics')
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Get('metrics')
  @Access('analytics:read')
  @Route({ summary: 'Show messages, response times, conversions and revenue of a window', view: metricsViewSchema })
  metrics(
    @Tenant() tenantId: TenantId,
    @Query({ schema: metricsQuerySchema }) query: MetricsQuery,
  ): Promise<MetricsView> {
    return this.analytics.metrics(tenantId, query);
  }
}
