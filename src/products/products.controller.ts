import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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

@Tag('products', 'The catalogue: products, variants, categories, stock, and CSV files.')
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @Access('products:read')
  @Route({
    summary: 'Products; with a text the best fit first',
    view: productPageSchema,
    cached: { tables: ['product', 'product_category', 'stock_level', 'stock_hold'] },
    problems: { 422: ['unknown_category'] },
  })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listProductsSchema }) query: ListProducts,
  ): Promise<Page<ProductView>> {
    return this.products.list(tenantId, query);
  }

  @Get(':id')
  @Access('products:read')
  @Route({
    summary: 'Show one product, with its variants',
    view: productViewSchema,
    cached: { tables: ['product', 'product_category', 'stock_level', 'stock_hold'] },
    problems: { 404: ['product_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ProductView> {
    return this.products.get(tenantId, id);
  }

  @Post()
  @Access('products:write')
  @Route({
    summary: 'Create a product, with its variants if it has any',
    status: 201,
    view: productViewSchema,
    problems: {
      409: ['sku_taken', 'variant_taken: two variants have the same options'],
      422: ['currency_mismatch', 'unknown_category', 'option_count', 'unknown_image'],
    },
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
  @Route({
    summary: 'Change a product',
    view: productViewSchema,
    problems: {
      404: ['product_not_found'],
      409: ['sku_taken', 'is_variant: change it below its product'],
      422: ['currency_mismatch', 'unknown_category', 'option_count', 'unknown_image'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeProductSchema }) body: ChangeProduct,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ProductView> {
    return this.products.change(tenantId, id, body, ifMatch);
  }
}
