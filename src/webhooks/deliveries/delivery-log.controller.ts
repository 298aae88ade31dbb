import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import {
  deliveryPageSchema,
  type DeliveryView,
  deliveryViewSchema,
  type ListDeliveries,
  listDeliveriesSchema,
  type Replay,
  type ReplayAnswer,
  replayAnswerSchema,
  replaySchema,
} from '../webhooks.dto.js';
import { DeliveryLog } from './delivery-log.js';

const idParam = { schema: z.uuid() };

@ApiTags('webhooks')
@Controller('webhooks/:id')
export class DeliveryLogController {
  constructor(private readonly log: DeliveryLog) {}

  @Get('deliveries')
  @Access('webhooks:read')
  @SparseFields(deliveryViewSchema)
  @ApiOperation({ summary: 'What became of its events, newest first; kept for two weeks' })
  @ApiResponse({ status: 200, standardSchema: deliveryPageSchema })
  @Problems({ 404: ['webhook_not_found'] })
  list(
    @Tenant() tenantId: TenantId,
    @Param('id', idParam) id: string,
    @Query({ schema: listDeliveriesSchema }) query: ListDeliveries,
  ): Promise<Page<DeliveryView>> {
    return this.log.list(tenantId, id, query);
  }

  @Post('deliveries/:deliveryId/replay')
  @HttpCode(200)
  @Access('webhooks:write')
  @ApiOperation({ summary: 'Send one event again, under the same webhook-id' })
  @ApiResponse({ status: 200, standardSchema: deliveryViewSchema })
  @Problems({ 404: ['webhook_not_found', 'webhook_delivery_not_found'], 409: ['webhook_stopped'] })
  replay(
    @Tenant() tenantId: TenantId,
    @Param('id', idParam) id: string,
    @Param('deliveryId', idParam) deliveryId: string,
  ): Promise<DeliveryView> {
    return this.log.replay(tenantId, id, deliveryId);
  }

  @Post('replay')
  @HttpCode(200)
  @Access('webhooks:write')
  @ApiOperation({ summary: 'Send the events since a time again; at most 5000 at once' })
  @ApiResponse({ status: 200, standardSchema: replayAnswerSchema })
  @Problems({ 404: ['webhook_not_found'], 409: ['webhook_stopped'] })
  replaySince(
    @Tenant() tenantId: TenantId,
    @Param('id', idParam) id: string,
    @Body({ schema: replaySchema }) body: Replay,
  ): Promise<ReplayAnswer> {
    return this.log.replaySince(tenantId, id, body);
  }
}
