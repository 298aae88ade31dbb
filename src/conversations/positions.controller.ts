import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { listPositionsSchema, type ListPositions, positionsSchema, type Positions } from './positions.dto.js';
import { PositionsService } from './positions.service.js';

@ApiTags('conversations')
@Controller('conversations/positions')
export class PositionsController {
  constructor(private readonly positions: PositionsService) {}

  @Get()
  @Access('conversations:read')
  @ApiOperation({
    summary: 'Where customers are in their flows',
    description: 'One entry for each of these conversations in which a flow runs; the others are left out.',
  })
  @ApiResponse({ status: 200, standardSchema: positionsSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listPositionsSchema }) { ids }: ListPositions,
  ): Promise<Positions> {
    return this.positions.list(tenantId, ids.split(','));
  }
}
