import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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

@Tag('products')
@Controller('products/:id/variants')
export class VariantsController {
  constructor(private readonly variants: VariantsService) {}

  @Get()
  @Access('products:read')
  @Route({
    summary: 'List the variants of a product, by SKU',
    view: variantListSchema,
    cached: { tables: ['product', 'stock_level', 'stock_hold'] },
    problems: { 404: ['product_not_found'] },
  })
  async list(@Tenant() tenantId: TenantId, @Id() id: string): Promise<{ items: VariantView[] }> {
    return { items: await this.variants.list(tenantId, id) };
  }

  @Post()
  @Access('products:write')
  @Route({
    summary: 'Add a variant to a product',
    status: 201,
    view: variantViewSchema,
    problems: {
      404: ['product_not_found'],
      409: [
        'sku_taken',
        'variant_taken: another variant has the same options',
        'is_variant: a variant has none',
        'has_stock: the product has units of its own',
        'variant_limit',
      ],
      422: ['option_count', 'unknown_image'],
    },
  })
  add(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: createVariantSchema }) body: CreateVariant,
  ): Promise<VariantView> {
    return this.variants.add(tenantId, id, body, caller.userId);
  }

  @Patch(':variantId')
  @Access('products:write')
  @Route({
    summary: 'Change a variant',
    view: variantViewSchema,
    problems: {
      404: ['product_not_found', 'variant_not_found'],
      409: ['sku_taken', 'variant_taken: another variant has the same options'],
      422: ['option_count', 'unknown_image'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() productId: string,
    @Id('variantId') variantId: string,
    @Body({ schema: changeVariantSchema }) body: ChangeVariant,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<VariantView> {
    return this.variants.change(tenantId, { productId, variantId }, body, ifMatch);
  }
}
