import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import { pageQuerySchema, type Page, type PageQuery } from '../platform/http/page.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { InventoryService } from './inventory.service.js';
import {
  adjustStockSchema,
  holdPageSchema,
  listHoldsSchema,
  listMovementsSchema,
  movementPageSchema,
  stockViewSchema,
  type AdjustStock,
  type HoldView,
  type ListHolds,
  type ListMovements,
  type MovementView,
  type StockView,
} from './stock.dto.js';

@Tag('products')
@Controller('products/:id/stock')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Get()
  @Access('products:read')
  @Route({
    summary: 'Show the stock of a product: on hand, held, available, and the ledger',
    view: stockViewSchema,
    cached: { tables: ['stock_level', 'stock_hold', 'stock_movement'] },
    problems: { 404: ['product_not_found'] },
  })
  get(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<StockView> {
    return this.inventory.get(tenantId, id, page);
  }

  @Get('movements')
  @Access('products:read')
  @Route({
    summary: 'List the movements of the stock of a product, newest first',
    view: movementPageSchema,
    cached: { tables: ['stock_level', 'stock_movement'] },
    problems: { 404: ['product_not_found'] },
  })
  movements(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listMovementsSchema }) query: ListMovements,
  ): Promise<Page<MovementView>> {
    return this.inventory.listMovements(tenantId, id, query);
  }

  @Get('holds')
  @Access('products:read')
  @Route({
    summary: 'List who holds units of a product, and until when',
    view: holdPageSchema,
    cached: { tables: ['stock_level', 'stock_hold'] },
    problems: { 404: ['product_not_found'] },
  })
  holds(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listHoldsSchema }) query: ListHolds,
  ): Promise<Page<HoldView>> {
    return this.inventory.listHolds(tenantId, id, query);
  }

  @Post('adjustments')
  @Access('products:write')
  @Route({
    summary: 'Adjust the stock of a product by some units',
    description:
      'Stock is a ledger: this adds an entry to it. Units that a cart holds or that are not there cannot ' +
      'be taken away. Send an Idempotency-Key, so that a repeated request counts once.',
    view: stockViewSchema,
    problems: {
      404: ['product_not_found'],
      409: [
        'out_of_stock: it would take units that are not there, or that somebody holds',
        'stock_limit',
        'has_variants: the stock is theirs',
      ],
    },
  })
  adjust(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: adjustStockSchema }) body: AdjustStock,
    @RequestKey() key: string | null,
  ): Promise<StockView> {
    return this.inventory.adjust(tenantId, id, body, { by: caller.userId, key });
  }
}
