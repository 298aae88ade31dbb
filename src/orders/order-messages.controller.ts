import { Body, Controller, Delete, Get, Param, Patch } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
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
import type { OrderState } from './order-state.js';

const stateParam = { schema: stateSchema };

@ApiTags('orders')
@Controller('order-messages')
export class OrderMessagesController {
  constructor(private readonly messages: OrderMessages) {}

  @Get()
  @Access('orders:read')
  @Cached(['order_message'])
  @SparseFields(orderMessageViewSchema)
  @ApiOperation({ summary: 'What customers are told when an order moves' })
  @ApiResponse({ status: 200, standardSchema: orderMessagesSchema })
  async list(@Tenant() tenantId: TenantId): Promise<{ items: OrderMessageView[] }> {
    return { items: await this.messages.list(tenantId) };
  }

  @Patch(':state')
  @Access('order-messages:write')
  @ApiOperation({ summary: 'Switch one on or off, or write it anew' })
  @ApiResponse({ status: 200, standardSchema: orderMessageViewSchema })
  change(
    @Tenant() tenantId: TenantId,
    @Param('state', stateParam) state: OrderState,
    @Body({ schema: changeOrderMessageSchema }) body: ChangeOrderMessage,
  ): Promise<OrderMessageView> {
    return this.messages.change(tenantId, state, body);
  }

  @Delete(':state')
  @Access('order-messages:write')
  @ApiOperation({ summary: 'Back to the words everybody starts with' })
  @ApiResponse({ status: 200, standardSchema: orderMessageViewSchema })
  reset(@Tenant() tenantId: TenantId, @Param('state', stateParam) state: OrderState): Promise<OrderMessageView> {
    return this.messages.reset(tenantId, state);
  }
}
