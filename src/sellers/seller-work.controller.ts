import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
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
export class SellerWorkController {
  constructor(private readonly work: SellerWorkService) {}

  @Get('settings')
  @Access('sellers:read')
  @ApiResponse({ status: 200, standardSchema: sellerSettingsViewSchema })
  async settings(
    @Tenant() tenantId: TenantId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SellerSettingsView> {
    return tagged(reply, await this.work.getSettings(tenantId));
  }

  @Put('settings')
  @Access('sellers:write')
  @ApiResponse({ status: 200, standardSchema: sellerSettingsViewSchema })
  async changeSettings(
    @Tenant() tenantId: TenantId,
    @Body({ schema: changeSellerSettingsSchema }) body: ChangeSellerSettings,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SellerSettingsView> {
    return tagged(reply, await this.work.changeSettings(tenantId, body, ifMatch));
  }

  @Get('statistics')
  @Access('sellers:read')
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
  @ApiResponse({ status: 200, standardSchema: sellerStatisticsSchema })
  statisticsOf(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: statisticsQuerySchema }) query: StatisticsQuery,
  ): Promise<SellerStatistics> {
    return this.work.getStatistics(tenantId, caller, id, query);
  }
}

function tagged(reply: FastifyReply, view: SellerSettingsView): SellerSettingsView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
