import { Body, Controller, Get, Headers, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
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
export class SellersController {
  constructor(private readonly sellers: SellersService) {}

  @Get()
  @Access('sellers:read')
  @ApiResponse({ status: 200, standardSchema: sellerPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listSellersSchema }) query: ListSellers,
  ): Promise<Page<SellerView>> {
    return this.sellers.list(tenantId, query);
  }

  @Get(':id')
  @Access('sellers:read')
  @ApiResponse({ status: 200, standardSchema: sellerViewSchema })
  async get(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SellerView> {
    return tagged(reply, await this.sellers.get(tenantId, id));
  }

  @Post()
  @Access('sellers:write')
  @ApiResponse({ status: 201, standardSchema: sellerViewSchema })
  async create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createSellerSchema }) body: CreateSeller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SellerView> {
    return tagged(reply, await this.sellers.create(tenantId, body));
  }

  @Patch(':id')
  @Access('sellers:write')
  @ApiResponse({ status: 200, standardSchema: sellerViewSchema })
  async change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeSellerSchema }) body: ChangeSeller,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SellerView> {
    return tagged(reply, await this.sellers.change(tenantId, id, body, ifMatch));
  }
}

function tagged(reply: FastifyReply, view: SellerView): SellerView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
