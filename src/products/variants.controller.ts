import { Body, Controller, Get, Headers, Param, Patch, Post, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  changeVariantSchema,
  createVariantSchema,
  variantListSchema,
  variantViewSchema,
  type ChangeVariant,
  type CreateVariant,
  type VariantView,
} from './products.dto.js';
import { VariantsService } from './variants.service.js';

const idSchema = z.uuid();

@ApiTags('products')
@Controller('products/:id/variants')
@UseInterceptors(RevisionEtagInterceptor)
export class VariantsController {
  constructor(private readonly variants: VariantsService) {}

  @Get()
  @Access('products:read')
  @Cached(['product', 'stock_level', 'stock_hold'])
  @SparseFields(variantViewSchema)
  @ApiResponse({ status: 200, standardSchema: variantListSchema })
  @Problems({ 404: ['product_not_found'] })
  async list(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<{ items: VariantView[] }> {
    return { items: await this.variants.list(tenantId, id) };
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: variantViewSchema })
  @Problems({
    404: ['product_not_found'],
    409: [
      'sku_taken',
      'variant_taken: another variant has the same options',
      'is_variant: a variant has none',
      'has_stock: the product has units of its own',
      'variant_limit',
    ],
    422: ['option_count', 'unknown_image'],
  })
  add(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: createVariantSchema }) body: CreateVariant,
  ): Promise<VariantView> {
    return this.variants.add(tenantId, id, body, caller.userId);
  }

  @Patch(':variantId')
  @Access('products:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: variantViewSchema })
  @Problems({
    404: ['product_not_found', 'variant_not_found'],
    409: ['sku_taken', 'variant_taken: another variant has the same options'],
    422: ['option_count', 'unknown_image'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) productId: string,
    @Param('variantId', { schema: idSchema }) variantId: string,
    @Body({ schema: changeVariantSchema }) body: ChangeVariant,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<VariantView> {
    return this.variants.change(tenantId, { productId, variantId }, body, ifMatch);
  }
}
