import { Body, Controller, Get, Post } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type AskPairingCode,
  type LinkCodeView,
  type LinkedDeviceView,
  linkCodeViewSchema,
  linkedDeviceViewSchema,
  pairingCodeSchema,
} from './linked-devices.dto.js';
import { LinkedDevicesService } from './linked-devices.service.js';

/** Pairing a connection of provider `baileys` with a phone. Whoever sees a code may link a phone, so that takes write. */
@Tag('connections')
@Controller('bots/:botId/connections/:id')
export class LinkedDevicesController {
  constructor(private readonly devices: LinkedDevicesService) {}

  @Get('session')
  @Access('connections:read')
  @Route({
    summary: 'How a linked device stands',
    view: linkedDeviceViewSchema,
    problems: { 404: ['connection_not_found'], 409: ['not_a_linked_device'] },
  })
  get(@Tenant() tenantId: TenantId, @Id('botId') botId: string, @Id() id: string): Promise<LinkedDeviceView> {
    return this.devices.get(tenantId, botId, id);
  }

  @Post('link')
  @Access('connections:write')
  @Route({
    summary: 'Ask for a QR code; waits some seconds for it',
    view: linkCodeViewSchema,
    problems: {
      404: ['connection_not_found'],
      409: ['not_a_linked_device'],
      503: ['baileys_not_installed: the optional package is missing'],
    },
  })
  link(@Tenant() tenantId: TenantId, @Id('botId') botId: string, @Id() id: string): Promise<LinkCodeView> {
    return this.devices.link(tenantId, botId, id);
  }

  @Post('pairing-code')
  @Access('connections:write')
  @Route({
    summary: 'Ask for a code to type on the phone; waits some seconds for it',
    view: linkCodeViewSchema,
    problems: {
      404: ['connection_not_found'],
      409: ['already_linked', 'not_a_linked_device'],
      503: ['baileys_not_installed: the optional package is missing'],
    },
  })
  pairingCode(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Id() id: string,
    @Body({ schema: pairingCodeSchema }) { phoneNumber }: AskPairingCode,
  ): Promise<LinkCodeView> {
    return this.devices.askPairingCode(tenantId, botId, id, phoneNumber);
  }

  @Post('logout')
  @Access('connections:write')
  @Route({
    summary: 'Unlink the phone and forget its keys',
    status: 202,
    view: linkedDeviceViewSchema,
    problems: { 404: ['connection_not_found'], 409: ['not_a_linked_device'] },
  })
  logout(@Tenant() tenantId: TenantId, @Id('botId') botId: string, @Id() id: string): Promise<LinkedDeviceView> {
    return this.devices.logOut(tenantId, botId, id);
  }
}
