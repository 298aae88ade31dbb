import { Body, Controller, Delete, Get, Patch, Post, Put } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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

@Tag(
  'connections',
  "A bot's connections with providers: credentials, order of preference, and the pairing of linked devices.",
)
@Controller('bots/:botId/connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly checks: ConnectionChecks,
  ) {}

  @Get()
  @Access('connections:read')
  @Route({
    summary: 'List the connections of a bot, in order of preference',
    view: connectionListSchema,
    problems: { 404: ['bot_not_found'] },
  })
  async list(@Tenant() tenantId: TenantId, @Id('botId') botId: string): Promise<{ items: ConnectionView[] }> {
    return { items: await this.connections.list(tenantId, botId) };
  }

  @Post()
  @Access('connections:write')
  @Route({
    summary: 'Connect a bot to a provider',
    description:
      'The credentials go in and never come out again. Nobody is asked yet whether they work: POST …/test ' +
      'does that. The provider’s webhooks go to /webhooks/official, /webhooks/twilio/{id} or ' +
      '/webhooks/evolution/{id}.',
    status: 201,
    view: connectionViewSchema,
    problems: {
      404: ['bot_not_found'],
      409: ['connection_exists: the tenant has this number of this provider already'],
      422: ['simulator_not_allowed'],
    },
  })
  create(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Body({ schema: createConnectionSchema }) body: CreateConnection,
  ): Promise<ConnectionView> {
    return this.connections.create(tenantId, botId, body);
  }

  @Put('order')
  @Access('connections:write')
  @Route({
    summary: 'Set the order of preference, all at once',
    view: connectionListSchema,
    problems: { 404: ['bot_not_found'] },
  })
  async order(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Body({ schema: connectionOrderSchema }) { ids }: ConnectionOrder,
  ): Promise<{ items: ConnectionView[] }> {
    return { items: await this.connections.order(tenantId, botId, ids) };
  }

  @Post(':id/test')
  @Access('connections:write')
  @Route({
    summary: 'Ask the provider whether the account works; nobody receives anything',
    view: connectionCheckSchema,
    problems: { 404: ['connection_not_found'] },
  })
  async test(@Tenant() tenantId: TenantId, @Id('botId') botId: string, @Id() id: string): Promise<ConnectionCheck> {
    const checked = await this.checks.check(tenantId, botId, id);
    if (checked.ok) {
      return { ok: true, displayName: checked.displayName, number: checked.number ?? null, problem: null };
    }
    const { class: rejection, code, reason } = checked;
    return { ok: false, displayName: null, number: null, problem: { class: rejection, code, reason } };
  }

  @Get(':id')
  @Access('connections:read')
  @Route({ summary: 'Show one connection', view: connectionViewSchema, problems: { 404: ['connection_not_found'] } })
  get(@Tenant() tenantId: TenantId, @Id('botId') botId: string, @Id() id: string): Promise<ConnectionView> {
    return this.connections.get(tenantId, botId, id);
  }

  @Patch(':id')
  @Access('connections:write')
  @Route({
    summary: 'Change a connection: name, place, number, credentials, or pause it',
    view: connectionViewSchema,
    problems: {
      404: ['connection_not_found'],
      409: ['connection_exists: the tenant has this number of this provider already'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Id() id: string,
    @Body({ schema: changeConnectionSchema }) body: ChangeConnection,
    @IfMatch() ifMatch?: string,
  ): Promise<ConnectionView> {
    return this.connections.change(tenantId, botId, id, body, ifMatch);
  }

  @Delete(':id')
  @Access('connections:write')
  @Route({
    summary: 'Delete a connection that nothing depends on',
    description: 'One that conversations or messages name is paused instead.',
    status: 204,
    problems: {
      404: ['connection_not_found'],
      409: ['connection_in_use: pause it instead', 'connection_sending: wait'],
    },
  })
  delete(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Id() id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.connections.delete(tenantId, botId, id, ifMatch);
  }
}
