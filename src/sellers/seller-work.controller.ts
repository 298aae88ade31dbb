import { Body, Controller, Get, Headers, Param, Put, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
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

const idSchema = z.uuid();

@ApiTags('sellers')
@Controller('sellers')
@UseInterceptors(RevisionEtagInterceptor)
export class SellerWorkController {
  constructor(private readonly work: SellerWorkService) {}

  @Get('settings')
  @Access('sellers:read')
  @Cached(['seller_settings'])
  @SparseFields(sellerSettingsViewSchema)
  @ApiResponse({ status: 200, standardSchema: sellerSettingsViewSchema })
  settings(@Tenant() tenantId: TenantId): Promise<SellerSettingsView> {
    return this.work.getSettings(tenantId);
  }

  @Put('settings')
  @Access('sellers:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: sellerSettingsViewSchema })
  changeSettings(
    @Tenant() tenantId: TenantId,
    @Body({ schema: changeSellerSettingsSchema }) body: ChangeSellerSettings,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<SellerSettingsView> {
    return this.work.changeSettings(tenantId, body, ifMatch);
  }

  @Get('statistics')
  @Access('sellers:read')
  @Cached(['seller', 'sales_order', 'order_event', 'tenant'], { isPerCaller: true })
  @SparseFields(sellerStatisticsSchema)
  @ApiResponse({ status: 200, standardSchema: sellerStatisticsListSchema })
  statistics(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: statisticsQuerySchema }) query: StatisticsQuery,
  ): Promise<SellerStatisticsList> {
    return this.work.listStatistics(tenantId, caller, query);
  }

  @Get(':id/statistics')
  @Access('sellers:read')
  @Cached(['seller', 'sales_order', 'order_event', 'tenant'], { isPerCaller: true })
  @SparseFields(sellerStatisticsSchema)
  @ApiResponse({ status: 200, standardSchema: sellerStatisticsSchema })
  @Problems({ 404: ['seller_not_found'] })
  statisticsOf(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: statisticsQuerySchema }) query: StatisticsQuery,
  ): Promise<SellerStatistics> {
    return this.work.getStatistics(tenantId, caller, id, query);
  }
}
