import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  assignOrderSchema,
  changeOrderSchema,
  createOrderSchema,
  listOrdersSchema,
  moveOrderSchema,
  orderPageSchema,
  orderViewSchema,
  type AssignOrder,
  type ChangeOrder,
  type CreateOrder,
  type ListOrders,
  type MoveOrder,
  type OrderSummary,
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

  @Patch(':id')
  @Access('orders:write')
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  async change(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeOrderSchema }) body: ChangeOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    return tagged(reply, await this.orders.change(tenantId, caller, id, body, ifMatch));
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

  @Post(':id/assign')
  @HttpCode(200)
  @Access('orders:write')
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  async assign(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: assignOrderSchema }) body: AssignOrder,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    return tagged(reply, await this.orders.assign(tenantId, caller, id, body, ifMatch));
  }
}

function tagged(reply: FastifyReply, view: OrderView): OrderView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
