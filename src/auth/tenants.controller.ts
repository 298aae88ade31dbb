import { Body, Controller, Get, Patch } from '@nestjs/common';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Access } from './access.decorator.js';
import { Tenant } from './tenant.decorator.js';
import { type ChangeTenant, changeTenantSchema, type TenantView, tenantViewSchema } from './tenants.dto.js';
import { TenantsService } from './tenants.service.js';

@Tag('tenant', 'The business itself.')
@Controller('tenant')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Get()
  @Access('session:own')
  @Route({
    summary: 'Show the business: name, language, currency, time zone',
    view: tenantViewSchema,
    cached: { tables: ['tenant'] },
  })
  get(@Tenant() tenantId: TenantId): Promise<TenantView> {
    return this.tenants.get(tenantId);
  }

  @Patch()
  @Access('tenant:write')
  @Route({
    summary: 'Change the business: name, language, time zone, how long orders wait for their payment',
    description:
      'Another time to pay counts from now on: orders that are there already wait for the whole of it again.',
    view: tenantViewSchema,
    problems: { 422: ['reminder_too_early'] },
  })
  change(@Tenant() tenantId: TenantId, @Body({ schema: changeTenantSchema }) body: ChangeTenant): Promise<TenantView> {
    return this.tenants.change(tenantId, body);
  }
}
