import { Body, Controller, Delete, Get, Param, Patch } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type ChangeOrderMessage,
  changeOrderMessageSchema,
  orderMessagesSchema,
  type OrderMessageView,
  orderMessageViewSchema,
  stateSchema,
} from './order-messages.dto.js';
import { OrderMessages } from './order-messages.service.js';
import type { OrderMessageName } from './order-texts.js';

const stateParam = { schema: stateSchema };

@Tag('orders')
@Controller('order-messages')
export class OrderMessagesController {
  constructor(private readonly messages: OrderMessages) {}

  @Get()
  @Access('orders:read')
  @Route({
    summary: 'What customers are told when an order moves, and before one that is not paid is cancelled',
    view: orderMessagesSchema,
    cached: { tables: ['order_message'] },
  })
  async list(@Tenant() tenantId: TenantId): Promise<{ items: OrderMessageView[] }> {
    return { items: await this.messages.list(tenantId) };
  }

  @Patch(':state')
  @Access('order-messages:write')
  @Route({ summary: 'Switch one on or off, or write it anew', view: orderMessageViewSchema })
  change(
    @Tenant() tenantId: TenantId,
    @Param('state', stateParam) state: OrderMessageName,
    @Body({ schema: changeOrderMessageSchema }) body: ChangeOrderMessage,
  ): Promise<OrderMessageView> {
    return this.messages.change(tenantId, state, body);
  }

  @Delete(':state')
  @Access('order-messages:write')
  @Route({ summary: 'Back to the words everybody starts with', view: orderMessageViewSchema })
  reset(@Tenant() tenantId: TenantId, @Param('state', stateParam) state: OrderMessageName): Promise<OrderMessageView> {
    return this.messages.reset(tenantId, state);
  }
}
