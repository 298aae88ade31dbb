import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
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
  @Cached(['tenant'])
  @SparseFields(tenantViewSchema)
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
