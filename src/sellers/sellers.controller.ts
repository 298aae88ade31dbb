import { Body, Controller, Get, Headers, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  changeSellerSchema,
  createSellerSchema,
  listSellersSchema,
  sellerPageSchema,
  sellerViewSchema,
  type ChangeSeller,
  type CreateSeller,
  type ListSellers,
  type SellerView,
} from './sellers.dto.js';
import { SellersService } from './sellers.service.js';

const idSchema = z.uuid();

@ApiTags('sellers')
@Controller('sellers')
@UseInterceptors(RevisionEtagInterceptor)
export class SellersController {
  constructor(private readonly sellers: SellersService) {}

  @Get()
  @Access('sellers:read')
  @Cached(['seller'])
  @SparseFields(sellerViewSchema)
  @ApiOperation({ summary: 'Sellers' })
  @ApiResponse({ status: 200, standardSchema: sellerPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listSellersSchema }) query: ListSellers,
  ): Promise<Page<SellerView>> {
    return this.sellers.list(tenantId, query);
  }

  @Get(':id')
  @Access('sellers:read')
  @Cached(['seller'])
  @SparseFields(sellerViewSchema)
  @ApiResponse({ status: 200, standardSchema: sellerViewSchema })
  @Problems({ 404: ['seller_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<SellerView> {
    return this.sellers.get(tenantId, id);
  }

  @Post()
  @Access('sellers:write')
  @ApiResponse({ status: 201, standardSchema: sellerViewSchema })
  @Problems({ 409: ['seller_phone_taken'], 422: ['unknown_user', 'unknown_bot', 'unknown_category'] })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createSellerSchema }) body: CreateSeller): Promise<SellerView> {
    return this.sellers.create(tenantId, body);
  }

  @Patch(':id')
  @Access('sellers:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: sellerViewSchema })
  @Problems({
    404: ['seller_not_found'],
    409: ['seller_phone_taken'],
    422: ['unknown_user', 'unknown_bot', 'unknown_category'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeSellerSchema }) body: ChangeSeller,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<SellerView> {
    return this.sellers.change(tenantId, id, body, ifMatch);
  }
}
