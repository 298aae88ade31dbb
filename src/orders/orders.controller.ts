import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  createOrderSchema,
  listOrdersSchema,
  moveOrderSchema,
  orderFilterSchema,
  orderPageSchema,
  orderSummarySchema,
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

const idSchema = z.uuid();

@ApiTags('orders')
@Controller('orders')
@UseInterceptors(RevisionEtagInterceptor)
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @Access('orders:read')
  @Cached(['sales_order', 'seller'], { knownRows: ['contact'], isPerCaller: true })
  @SparseFields(orderSummarySchema)
  @ApiOperation({ summary: 'Orders' })
  @ApiResponse({ status: 200, standardSchema: orderPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: listOrdersSchema }) query: ListOrders,
  ): Promise<Page<OrderSummary>> {
    return this.orders.list(tenantId, caller, query);
  }

  @Get('totals')
  @Access('orders:read')
  @Cached(['sales_order', 'seller', 'tenant'], { knownRows: ['contact'], isPerCaller: true })
  @SparseFields(orderTotalsSchema)
  @ApiOperation({ summary: 'What a filter finds, counted and added up' })
  @ApiResponse({ status: 200, standardSchema: orderTotalsSchema })
  totals(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: orderFilterSchema }) filter: OrderFilter,
  ): Promise<OrderTotals> {
    return this.orders.totals(tenantId, caller, filter);
  }

  @Get(':id')
  @Access('orders:read')
  @Cached(['sales_order', 'order_line', 'order_event', 'order_refund', 'seller'], {
    knownRows: ['contact'],
    isPerCaller: true,
  })
  @SparseFields(orderViewSchema)
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  @Problems({ 404: ['order_not_found'] })
  get(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<OrderView> {
    return this.orders.get(tenantId, caller, id);
  }

  @Post()
  @Access('orders:write')
  @Idempotent()
  @ApiResponse({ status: 201, standardSchema: orderViewSchema })
  @Problems({ 409: ['out_of_stock'], 422: ['unknown_product', 'unknown_contact', 'unknown_bot'] })
  create(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Body({ schema: createOrderSchema }) body: CreateOrder,
    @RequestKey() requestKey: string | null,
  ): Promise<OrderView> {
    return this.orders.create(tenantId, caller, body, requestKey);
  }

  @Post(':id/transitions')
  @HttpCode(200)
  @Access('orders:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  @Problems({ 404: ['order_not_found'], 409: ['order_move_not_allowed'] })
  move(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: moveOrderSchema }) body: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<OrderView> {
    return this.orders.move(tenantId, caller, id, body, ifMatch);
  }
}
