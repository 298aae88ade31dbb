import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { SellerWorkService } from './seller-work.service.js';
import {
  changeSellerSettingsSchema,
  sellerSettingsViewSchema,
  sellerStatisticsListSchema,
  sellerStatisticsSchema,
  statisticsQuerySchema,
  type ChangeSellerSettings,
  type SellerSettingsView,
  type SellerStatistics,
  type SellerStatisticsList,
  type StatisticsQuery,
} from './sellers.dto.js';

@Tag('sellers')
@Controller('sellers')
export class SellerWorkController {
  constructor(private readonly work: SellerWorkService) {}

  @Get('settings')
  @Access('sellers:read')
  @Route({
    summary: 'Show how orders are given to sellers',
    view: sellerSettingsViewSchema,
    cached: { tables: ['seller_settings'] },
  })
  settings(@Tenant() tenantId: TenantId): Promise<SellerSettingsView> {
    return this.work.getSettings(tenantId);
  }

  @Put('settings')
  @Access('sellers:write')
  @Route({ summary: 'Choose how orders are given to sellers', view: sellerSettingsViewSchema })
  changeSettings(
    @Tenant() tenantId: TenantId,
    @Body({ schema: changeSellerSettingsSchema }) body: ChangeSellerSettings,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<SellerSettingsView> {
    return this.work.changeSettings(tenantId, body, ifMatch);
  }

  @Get('statistics')
  @Access('sellers:read')
  @Route({
    summary: 'Show what each seller did in a window',
    view: sellerStatisticsListSchema,
    cached: { tables: ['seller', 'sales_order', 'order_event', 'tenant'], isPerCaller: true },
  })
  statistics(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: statisticsQuerySchema }) query: StatisticsQuery,
  ): Promise<SellerStatisticsList> {
    return this.work.listStatistics(tenantId, caller, query);
  }

  @Get(':id/statistics')
  @Access('sellers:read')
  @Route({
    summary: 'Show what one seller did in a window',
    view: sellerStatisticsSchema,
    cached: { tables: ['seller', 'sales_order', 'order_event', 'tenant'], isPerCaller: true },
    problems: { 404: ['seller_not_found'] },
  })
  statisticsOf(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Query({ schema: statisticsQuerySchema }) query: StatisticsQuery,
  ): Promise<SellerStatistics> {
    return this.work.getStatistics(tenantId, caller, id, query);
  }
}
