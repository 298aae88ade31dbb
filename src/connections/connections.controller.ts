import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ConnectionChecks } from './connection-checks.service.js';
import { ConnectionsService, type ConnectionView } from './connections.service.js';
import {
  type ChangeConnection,
  changeConnectionSchema,
  type ConnectionCheck,
  connectionCheckSchema,
  connectionListSchema,
  type ConnectionOrder,
  connectionOrderSchema,
  connectionViewSchema,
  type CreateConnection,
  createConnectionSchema,
} from './connections.dto.js';

const uuid = { schema: z.uuid() };
const IF_MATCH = { name: 'if-match', required: false, description: 'The revision read before, in quotes' };

@ApiTags('connections')
@Controller('bots/:botId/connections')
@UseInterceptors(RevisionEtagInterceptor)
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly checks: ConnectionChecks,
  ) {}

  @Get()
  @Access('connections:read')
  @SparseFields(connectionViewSchema)
  @ApiOperation({ summary: "A bot's lines, in order of preference" })
  @ApiResponse({ status: 200, standardSchema: connectionListSchema })
  @Problems({ 404: ['bot_not_found'] })
  async list(@Tenant() tenantId: TenantId, @Param('botId', uuid) botId: string): Promise<{ items: ConnectionView[] }> {
    return { items: await this.connections.list(tenantId, botId) };
  }

  @Post()
  @Access('connections:write')
  @ApiResponse({ status: 201, standardSchema: connectionViewSchema })
  @Problems({
    404: ['bot_not_found'],
    409: ['connection_exists: the tenant has this number of this provider already'],
    422: ['simulator_not_allowed'],
  })
  create(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Body({ schema: createConnectionSchema }) body: CreateConnection,
  ): Promise<ConnectionView> {
    return this.connections.create(tenantId, botId, body);
  }

  @Put('order')
  @Access('connections:write')
  @ApiOperation({ summary: 'Set the order of preference, all at once' })
  @ApiResponse({ status: 200, standardSchema: connectionListSchema })
  @Problems({ 404: ['bot_not_found'] })
  async order(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Body({ schema: connectionOrderSchema }) { ids }: ConnectionOrder,
  ): Promise<{ items: ConnectionView[] }> {
    return { items: await this.connections.order(tenantId, botId, ids) };
  }

  @Post(':id/test')
  @HttpCode(200)
  @Access('connections:write')
  @ApiOperation({ summary: 'Ask the provider whether the account works; nobody receives anything' })
  @ApiResponse({ status: 200, standardSchema: connectionCheckSchema })
  @Problems({ 404: ['connection_not_found'] })
  async test(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
  ): Promise<ConnectionCheck> {
    const checked = await this.checks.check(tenantId, botId, id);
    if (checked.ok) {
      return { ok: true, displayName: checked.displayName, number: checked.number ?? null, problem: null };
    }
    const { class: rejection, code, reason } = checked;
    return { ok: false, displayName: null, number: null, problem: { class: rejection, code, reason } };
  }

  @Get(':id')
  @Access('connections:read')
  @SparseFields(connectionViewSchema)
  @ApiResponse({ status: 200, standardSchema: connectionViewSchema })
  @Problems({ 404: ['connection_not_found'] })
  get(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
  ): Promise<ConnectionView> {
    return this.connections.get(tenantId, botId, id);
  }

  @Patch(':id')
  @Access('connections:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: connectionViewSchema })
  @Problems({
    404: ['connection_not_found'],
    409: ['connection_exists: the tenant has this number of this provider already'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
    @Body({ schema: changeConnectionSchema }) body: ChangeConnection,
    @Headers('if-match') ifMatch?: string,
  ): Promise<ConnectionView> {
    return this.connections.change(tenantId, botId, id, body, ifMatch);
  }

  @Delete(':id')
  @Access('connections:write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @ApiHeader(IF_MATCH)
  @Problems({ 404: ['connection_not_found'], 409: ['connection_in_use: pause it instead', 'connection_sending: wait'] })
  delete(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    return this.connections.delete(tenantId, botId, id, ifMatch);
  }
}
