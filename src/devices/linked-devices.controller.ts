import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
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

const uuid = { schema: z.uuid() };

/** Pairing a connection of provider `baileys` with a phone. Whoever sees a code may link a phone, so that takes write. */
@ApiTags('connections')
@Controller('bots/:botId/connections/:id')
export class LinkedDevicesController {
  constructor(private readonly devices: LinkedDevicesService) {}

  @Get('session')
  @Access('connections:read')
  @SparseFields(linkedDeviceViewSchema)
  @ApiOperation({ summary: 'How a linked device stands' })
  @ApiResponse({ status: 200, standardSchema: linkedDeviceViewSchema })
  @Problems({ 404: ['connection_not_found'], 409: ['not_a_linked_device'] })
  get(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
  ): Promise<LinkedDeviceView> {
    return this.devices.get(tenantId, botId, id);
  }

  @Post('link')
  @HttpCode(200)
  @Access('connections:write')
  @ApiOperation({ summary: 'Ask for a QR code; waits some seconds for it' })
  @ApiResponse({ status: 200, standardSchema: linkCodeViewSchema })
  @Problems({
    404: ['connection_not_found'],
    409: ['not_a_linked_device'],
    503: ['baileys_not_installed: the optional package is missing'],
  })
  link(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
  ): Promise<LinkCodeView> {
    return this.devices.link(tenantId, botId, id);
  }

  @Post('pairing-code')
  @HttpCode(200)
  @Access('connections:write')
  @ApiOperation({ summary: 'Ask for a code to type on the phone; waits some seconds for it' })
  @ApiResponse({ status: 200, standardSchema: linkCodeViewSchema })
  @Problems({
    404: ['connection_not_found'],
    409: ['already_linked', 'not_a_linked_device'],
    503: ['baileys_not_installed: the optional package is missing'],
  })
  pairingCode(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
    @Body({ schema: pairingCodeSchema }) { phoneNumber }: AskPairingCode,
  ): Promise<LinkCodeView> {
    return this.devices.askPairingCode(tenantId, botId, id, phoneNumber);
  }

  @Post('logout')
  @HttpCode(202)
  @Access('connections:write')
  @ApiOperation({ summary: 'Unlink the phone and forget its keys' })
  @ApiResponse({ status: 202, standardSchema: linkedDeviceViewSchema })
  @Problems({ 404: ['connection_not_found'], 409: ['not_a_linked_device'] })
  logout(
    @Tenant() tenantId: TenantId,
    @Param('botId', uuid) botId: string,
    @Param('id', uuid) id: string,
  ): Promise<LinkedDeviceView> {
    return this.devices.logOut(tenantId, botId, id);
  }
}
