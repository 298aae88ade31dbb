import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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

@Tag('sellers', 'The people who fulfil orders: hours, pauses, assignment, statistics.')
@Controller('sellers')
export class SellersController {
  constructor(private readonly sellers: SellersService) {}

  @Get()
  @Access('sellers:read')
  @Route({ summary: 'List sellers', view: sellerPageSchema, cached: { tables: ['seller'] } })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listSellersSchema }) query: ListSellers,
  ): Promise<Page<SellerView>> {
    return this.sellers.list(tenantId, query);
  }

  @Get(':id')
  @Access('sellers:read')
  @Route({
    summary: 'Show one seller',
    view: sellerViewSchema,
    cached: { tables: ['seller'] },
    problems: { 404: ['seller_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<SellerView> {
    return this.sellers.get(tenantId, id);
  }

  @Post()
  @Access('sellers:write')
  @Route({
    summary: 'Create a seller',
    status: 201,
    view: sellerViewSchema,
    problems: { 409: ['seller_phone_taken'], 422: ['unknown_user', 'unknown_bot', 'unknown_category'] },
  })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createSellerSchema }) body: CreateSeller): Promise<SellerView> {
    return this.sellers.create(tenantId, body);
  }

  @Patch(':id')
  @Access('sellers:write')
  @Route({
    summary: 'Change a seller: phone, hours, pause, bots, categories',
    view: sellerViewSchema,
    problems: {
      404: ['seller_not_found'],
      409: ['seller_phone_taken'],
      422: ['unknown_user', 'unknown_bot', 'unknown_category'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeSellerSchema }) body: ChangeSeller,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<SellerView> {
    return this.sellers.change(tenantId, id, body, ifMatch);
  }
}
