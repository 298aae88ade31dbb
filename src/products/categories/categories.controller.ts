import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { IfMatch } from '../../platform/http/etag.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { CategoriesService } from '../categories.service.js';
import {
  categoryListSchema,
  categoryViewSchema,
  changeCategorySchema,
  createCategorySchema,
  type CategoryList,
  type CategoryView,
  type ChangeCategory,
  type CreateCategory,
} from './categories.dto.js';

@Tag('products')
@Controller('product-categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Get()
  @Access('products:read')
  @Route({
    summary: 'List the tree of categories, each before its children',
    view: categoryListSchema,
    cached: { tables: ['product_category', 'product'] },
  })
  list(@Tenant() tenantId: TenantId): Promise<CategoryList> {
    return this.categories.list(tenantId);
  }

  @Get(':id')
  @Access('products:read')
  @Route({
    summary: 'Show one category',
    view: categoryViewSchema,
    cached: { tables: ['product_category', 'product'] },
    problems: { 404: ['category_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<CategoryView> {
    return this.categories.get(tenantId, id);
  }

  @Post()
  @Access('products:write')
  @Route({
    summary: 'Create a category',
    status: 201,
    view: categoryViewSchema,
    problems: {
      409: ['category_name_taken', 'category_limit'],
      422: ['category_place: it would stand too deep, or below itself', 'unknown_category'],
    },
  })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createCategorySchema }) body: CreateCategory,
  ): Promise<CategoryView> {
    return this.categories.create(tenantId, body);
  }

  @Patch(':id')
  @Access('products:write')
  @Route({
    summary: 'Change a category: name, parent, position',
    view: categoryViewSchema,
    problems: {
      404: ['category_not_found'],
      409: ['category_name_taken'],
      422: ['category_place: it would stand too deep, or below itself', 'unknown_category'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeCategorySchema }) body: ChangeCategory,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<CategoryView> {
    return this.categories.change(tenantId, id, body, ifMatch);
  }

  @Delete(':id')
  @Access('products:write')
  @Route({
    summary: 'Delete an empty category',
    status: 204,
    problems: { 404: ['category_not_found'], 409: ['category_in_use: it has products or categories in it'] },
  })
  remove(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    return this.categories.remove(tenantId, id);
  }
}
