import { Body, Controller, Get, Headers, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
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
@UseInterceptors(RevisionEtagInterceptor)
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @Access('products:read')
  @Cached(['product', 'product_category', 'stock_level', 'stock_hold'])
  @SparseFields(productViewSchema)
  @ApiOperation({ summary: 'Products; with a text the best fit first' })
  @ApiResponse({ status: 200, standardSchema: productPageSchema })
  @Problems({ 422: ['unknown_category'] })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listProductsSchema }) query: ListProducts,
  ): Promise<Page<ProductView>> {
    return this.products.list(tenantId, query);
  }

  @Get(':id')
  @Access('products:read')
  @Cached(['product', 'product_category', 'stock_level', 'stock_hold'])
  @SparseFields(productViewSchema)
  @ApiResponse({ status: 200, standardSchema: productViewSchema })
  @Problems({ 404: ['product_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<ProductView> {
    return this.products.get(tenantId, id);
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: productViewSchema })
  @Problems({
    409: ['sku_taken', 'variant_taken: two variants have the same options'],
    422: ['currency_mismatch', 'unknown_category', 'option_count', 'unknown_image'],
  })
  create(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Body({ schema: createProductSchema }) body: CreateProduct,
  ): Promise<ProductView> {
    return this.products.create(tenantId, body, caller.userId);
  }

  @Patch(':id')
  @Access('products:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: productViewSchema })
  @Problems({
    404: ['product_not_found'],
    409: ['sku_taken', 'is_variant: change it below its product'],
    422: ['currency_mismatch', 'unknown_category', 'option_count', 'unknown_image'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeProductSchema }) body: ChangeProduct,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<ProductView> {
    return this.products.change(tenantId, id, body, ifMatch);
  }
}
