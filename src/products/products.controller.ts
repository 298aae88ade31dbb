import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import { Idempotent } from '../platform/http/idempotency.interceptor.js';
import { pageQuerySchema, type Page, type PageQuery } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  adjustStockSchema,
  changeProductSchema,
  createProductSchema,
  listProductsSchema,
  productPageSchema,
  productViewSchema,
  stockViewSchema,
  type AdjustStock,
  type ChangeProduct,
  type CreateProduct,
  type ListProducts,
} from './products.dto.js';
import type { ProductView } from './products.queries.js';
import { ProductsService } from './products.service.js';
import type { StockView } from './stock.queries.js';

const idSchema = z.uuid();

@ApiTags('products')
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: productPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listProductsSchema }) query: ListProducts,
  ): Promise<Page<ProductView>> {
    return this.products.list(tenantId, query);
  }

  @Get(':id')
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: productViewSchema })
  async get(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    return tagged(reply, await this.products.get(tenantId, id));
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: productViewSchema })
  async create(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Body({ schema: createProductSchema }) body: CreateProduct,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    return tagged(reply, await this.products.create(tenantId, body, caller.userId));
  }

  @Patch(':id')
  @Access('products:write')
  @ApiResponse({ status: 200, standardSchema: productViewSchema })
  async change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeProductSchema }) body: ChangeProduct,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    return tagged(reply, await this.products.change(tenantId, id, body, ifMatch));
  }

  @Get(':id/stock')
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: stockViewSchema })
  stock(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<StockView> {
    return this.products.getStock(tenantId, id, page);
  }

  @Post(':id/stock/adjustments')
  @HttpCode(200)
  @Access('products:write')
  @Idempotent()
  @ApiResponse({ status: 200, standardSchema: stockViewSchema })
  adjustStock(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: adjustStockSchema }) body: AdjustStock,
  ): Promise<StockView> {
    return this.products.adjustStock(tenantId, id, body, caller.userId);
  }
}

function tagged(reply: FastifyReply, view: ProductView): ProductView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
