import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { IF_MATCH } from '../../platform/http/etag.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../../platform/http/revision-etag.interceptor.js';
import { Cached } from '../../platform/cache/cached.decorator.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
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

const idSchema = z.uuid();

@ApiTags('products')
@Controller('product-categories')
@UseInterceptors(RevisionEtagInterceptor)
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Get()
  @Access('products:read')
  @Cached(['product_category', 'product'])
  @SparseFields(categoryViewSchema)
  @ApiResponse({ status: 200, standardSchema: categoryListSchema })
  list(@Tenant() tenantId: TenantId): Promise<CategoryList> {
    return this.categories.list(tenantId);
  }

  @Get(':id')
  @Access('products:read')
  @Cached(['product_category', 'product'])
  @SparseFields(categoryViewSchema)
  @ApiResponse({ status: 200, standardSchema: categoryViewSchema })
  @Problems({ 404: ['category_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<CategoryView> {
    return this.categories.get(tenantId, id);
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: categoryViewSchema })
  @Problems({
    409: ['category_name_taken', 'category_limit'],
    422: ['category_place: it would stand too deep, or below itself', 'unknown_category'],
  })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createCategorySchema }) body: CreateCategory,
  ): Promise<CategoryView> {
    return this.categories.create(tenantId, body);
  }

  @Patch(':id')
  @Access('products:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: categoryViewSchema })
  @Problems({
    404: ['category_not_found'],
    409: ['category_name_taken'],
    422: ['category_place: it would stand too deep, or below itself', 'unknown_category'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeCategorySchema }) body: ChangeCategory,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<CategoryView> {
    return this.categories.change(tenantId, id, body, ifMatch);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('products:write')
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['category_not_found'], 409: ['category_in_use: it has products or categories in it'] })
  remove(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return this.categories.remove(tenantId, id);
  }
}
