import { Body, Controller, Get, Headers, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  changeProductSchema,
  createProductSchema,
  listProductsSchema,
  productPageSchema,
  productViewSchema,
  type ChangeProduct,
  type CreateProduct,
  type ListProducts,
  type ProductView,
} from './products.dto.js';
import { ProductsService } from './products.service.js';

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
}

function tagged(reply: FastifyReply, view: ProductView): ProductView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
