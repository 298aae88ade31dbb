import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
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

@Tag('webhooks')
@Controller('webhooks/:id')
export class DeliveryLogController {
  constructor(private readonly log: DeliveryLog) {}

  @Get('deliveries')
  @Access('webhooks:read')
  @Route({
    summary: 'What became of its events, newest first; kept for two weeks',
    view: deliveryPageSchema,
    problems: { 404: ['webhook_not_found'] },
  })
  list(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listDeliveriesSchema }) query: ListDeliveries,
  ): Promise<Page<DeliveryView>> {
    return this.log.list(tenantId, id, query);
  }

  @Post('deliveries/:deliveryId/replay')
  @Access('webhooks:write')
  @Route({
    summary: 'Send one event again, under the same webhook-id',
    view: deliveryViewSchema,
    problems: { 404: ['webhook_not_found', 'webhook_delivery_not_found'], 409: ['webhook_stopped'] },
  })
  replay(@Tenant() tenantId: TenantId, @Id() id: string, @Id('deliveryId') deliveryId: string): Promise<DeliveryView> {
    return this.log.replay(tenantId, id, deliveryId);
  }

  @Post('replay')
  @Access('webhooks:write')
  @Route({
    summary: 'Send the events since a time again; at most 5000 at once',
    view: replayAnswerSchema,
    problems: { 404: ['webhook_not_found'], 409: ['webhook_stopped'] },
  })
  replaySince(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: replaySchema }) body: Replay,
  ): Promise<ReplayAnswer> {
    return this.log.replaySince(tenantId, id, body);
  }
}
