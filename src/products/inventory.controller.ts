import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import { pageQuerySchema, type Page, type PageQuery } from '../platform/http/page.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { InventoryService } from './inventory.service.js';
import {
  adjustStockSchema,
  holdPageSchema,
  holdSchema,
  listHoldsSchema,
  listMovementsSchema,
  movementPageSchema,
  movementSchema,
  stockViewSchema,
  type AdjustStock,
  type HoldView,
  type ListHolds,
  type ListMovements,
  type MovementView,
  type StockView,
} from './stock.dto.js';

const idSchema = z.uuid();

@ApiTags('products')
@Controller('products/:id/stock')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Get()
  @Access('products:read')
  @Cached(['stock_level', 'stock_hold', 'stock_movement'])
  @SparseFields(stockViewSchema)
  @ApiResponse({ status: 200, standardSchema: stockViewSchema })
  @Problems({ 404: ['product_not_found'] })
  get(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<StockView> {
    return this.inventory.get(tenantId, id, page);
  }

  @Get('movements')
  @Access('products:read')
  @Cached(['stock_level', 'stock_movement'])
  @SparseFields(movementSchema)
  @ApiResponse({ status: 200, standardSchema: movementPageSchema })
  @Problems({ 404: ['product_not_found'] })
  movements(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: listMovementsSchema }) query: ListMovements,
  ): Promise<Page<MovementView>> {
    return this.inventory.listMovements(tenantId, id, query);
  }

  @Get('holds')
  @Access('products:read')
  @Cached(['stock_level', 'stock_hold'])
  @SparseFields(holdSchema)
  @ApiResponse({ status: 200, standardSchema: holdPageSchema })
  @Problems({ 404: ['product_not_found'] })
  holds(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: listHoldsSchema }) query: ListHolds,
  ): Promise<Page<HoldView>> {
    return this.inventory.listHolds(tenantId, id, query);
  }

  @Post('adjustments')
  @HttpCode(200)
  @Access('products:write')
  @Idempotent()
  @ApiResponse({ status: 200, standardSchema: stockViewSchema })
  @Problems({
    404: ['product_not_found'],
    409: [
      'out_of_stock: it would take units that are not there, or that somebody holds',
      'stock_limit',
      'has_variants: the stock is theirs',
    ],
  })
  adjust(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: adjustStockSchema }) body: AdjustStock,
    @RequestKey() key: string | null,
  ): Promise<StockView> {
    return this.inventory.adjust(tenantId, id, body, { by: caller.userId, key });
  }
}
