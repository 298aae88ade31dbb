import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { etagOf } from '../../platform/http/etag.js';
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
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Get()
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: categoryListSchema })
  list(@Tenant() tenantId: TenantId): Promise<CategoryList> {
    return this.categories.list(tenantId);
  }

  @Get(':id')
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: categoryViewSchema })
  async get(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CategoryView> {
    return tagged(reply, await this.categories.get(tenantId, id));
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: categoryViewSchema })
  async create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createCategorySchema }) body: CreateCategory,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CategoryView> {
    return tagged(reply, await this.categories.create(tenantId, body));
  }

  @Patch(':id')
  @Access('products:write')
  @ApiResponse({ status: 200, standardSchema: categoryViewSchema })
  async change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeCategorySchema }) body: ChangeCategory,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CategoryView> {
    return tagged(reply, await this.categories.change(tenantId, id, body, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('products:write')
  @ApiResponse({ status: 204 })
  remove(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return this.categories.remove(tenantId, id);
  }
}

function tagged(reply: FastifyReply, view: CategoryView): CategoryView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
