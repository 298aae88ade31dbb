import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { listPositionsSchema, type ListPositions, positionsSchema, type Positions } from './positions.dto.js';
import { PositionsService } from './positions.service.js';

@Tag('conversations')
@Controller('conversations/positions')
export class PositionsController {
  constructor(private readonly positions: PositionsService) {}

  @Get()
  @Access('conversations:read')
  @Route({
    summary: 'Where customers are in their flows',
    description: 'One entry for each of these conversations in which a flow runs; the others are left out.',
    view: positionsSchema,
  })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listPositionsSchema }) { ids }: ListPositions,
  ): Promise<Positions> {
    return this.positions.list(tenantId, ids.split(','));
  }
}
