import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  createOrderSchema,
  listOrdersSchema,
  moveOrderSchema,
  orderFilterSchema,
  orderPageSchema,
  orderTotalsSchema,
  orderViewSchema,
  type CreateOrder,
  type ListOrders,
  type MoveOrder,
  type OrderFilter,
  type OrderSummary,
  type OrderTotals,
  type OrderView,
} from './orders.dto.js';
import { OrdersService } from './orders.service.js';

@Tag('orders', 'What customers ordered: states, payment, refunds, notes, and what customers are told about it.')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @Access('orders:read')
  @Route({
    summary: 'List orders',
    view: orderPageSchema,
    cached: { tables: ['sales_order', 'seller', 'tenant'], knownRows: ['contact'], isPerCaller: true },
  })
  list(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: listOrdersSchema }) query: ListOrders,
  ): Promise<Page<OrderSummary>> {
    return this.orders.list(tenantId, caller, query);
  }

  @Get('totals')
  @Access('orders:read')
  @Route({
    summary: 'What a filter finds, counted and added up',
    view: orderTotalsSchema,
    cached: { tables: ['sales_order', 'seller', 'tenant'], knownRows: ['contact'], isPerCaller: true },
  })
  totals(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: orderFilterSchema }) filter: OrderFilter,
  ): Promise<OrderTotals> {
    return this.orders.totals(tenantId, caller, filter);
  }

  @Get(':id')
  @Access('orders:read')
  @Route({
    summary: 'Show one order: lines, refunds, history',
    view: orderViewSchema,
    cached: {
      tables: ['sales_order', 'order_line', 'order_event', 'order_refund', 'seller', 'tenant'],
      knownRows: ['contact'],
      isPerCaller: true,
    },
    problems: { 404: ['order_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @CurrentUser() caller: Caller, @Id() id: string): Promise<OrderView> {
    return this.orders.get(tenantId, caller, id);
  }

  @Post()
  @Access('orders:write')
  @Route({
    summary: 'Place an order for a contact',
    description:
      'Takes the units of every line and records the order, both or neither; prices are those in force ' +
      'now. Send an Idempotency-Key, so that a repeated request places no second order.',
    status: 201,
    view: orderViewSchema,
    problems: { 409: ['out_of_stock'], 422: ['unknown_product', 'unknown_contact', 'unknown_bot'] },
  })
  create(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Body({ schema: createOrderSchema }) body: CreateOrder,
    @RequestKey() requestKey: string | null,
  ): Promise<OrderView> {
    return this.orders.create(tenantId, caller, body, requestKey);
  }

  @Post(':id/transitions')
  @Access('orders:write')
  @Route({
    summary: 'Move an order to its next state, such as confirmed or paid',
    description:
      'Cancelling gives the units back; of a paid order it leaves a refund due. The customer is told where ' +
      'the shop has switched that on: see /api/order-messages.',
    view: orderViewSchema,
    problems: { 404: ['order_not_found'], 409: ['order_move_not_allowed'] },
  })
  move(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: moveOrderSchema }) body: MoveOrder,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OrderView> {
    return this.orders.move(tenantId, caller, id, body, ifMatch);
  }
}
