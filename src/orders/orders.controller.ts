import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
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

const idSchema = z.uuid();

@ApiTags('orders')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @Access('orders:read')
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
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  async get(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    return tagged(reply, await this.orders.get(tenantId, caller, id));
  }

  @Post()
  @Access('orders:write')
  @Idempotent()
  @ApiResponse({ status: 201, standardSchema: orderViewSchema })
  async create(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Body({ schema: createOrderSchema }) body: CreateOrder,
    @RequestKey() requestKey: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    return tagged(reply, await this.orders.create(tenantId, caller, body, requestKey));
  }

  @Post(':id/transitions')
  @HttpCode(200)
  @Access('orders:write')
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  async move(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: moveOrderSchema }) body: MoveOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    return tagged(reply, await this.orders.move(tenantId, caller, id, body, ifMatch));
  }
}

/** The revision goes along as ETag, for the If-Match of the next change. */
function tagged(reply: FastifyReply, view: OrderView): OrderView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
