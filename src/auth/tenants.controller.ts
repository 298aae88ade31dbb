import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Access } from './access.decorator.js';
import { Tenant } from './tenant.decorator.js';
import { type ChangeTenant, changeTenantSchema, type TenantView, tenantViewSchema } from './tenants.dto.js';
import { TenantsService } from './tenants.service.js';

@ApiTags('tenant')
@Controller('tenant')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Get()
  @Access('session:own')
  @ApiResponse({ status: 200, standardSchema: tenantViewSchema })
  get(@Tenant() tenantId: TenantId): Promise<TenantView> {
    return this.tenants.get(tenantId);
  }

  @Patch()
  @Access('tenant:write')
  @ApiResponse({ status: 200, standardSchema: tenantViewSchema })
  change(@Tenant() tenantId: TenantId, @Body({ schema: changeTenantSchema }) body: ChangeTenant): Promise<TenantView> {
    return this.tenants.change(tenantId, body);
  }
}
