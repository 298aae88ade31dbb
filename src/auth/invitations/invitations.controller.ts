import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ChangesNothing } from '../../platform/http/changes-nothing.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { Access, Public } from '../access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../tenant.decorator.js';
import {
  type AcceptInvitation,
  acceptInvitationSchema,
  invitationPageSchema,
  type InvitationView,
  type Invite,
  type Invited,
  invitedSchema,
  inviteSchema,
  lookAtInvitationSchema,
  type NewInvitation,
  newInvitationSchema,
  type ListInvitations,
  listInvitationsSchema,
  invitationViewSchema,
} from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InvitedService } from './invited.service.js';

@ApiTags('users')
@Controller()
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly invited: InvitedService,
  ) {}

  @Get('invitations')
  @Access('users:read')
  @SparseFields(invitationViewSchema)
  @ApiResponse({ status: 200, standardSchema: invitationPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listInvitationsSchema }) page: ListInvitations,
  ): Promise<Page<InvitationView>> {
    return this.invitations.list(tenantId, page);
  }

  @Post('invitations')
  @Access('users:write')
  @ApiOperation({ summary: 'Invite a person; the answer shows the link, once, and it is mailed when SMTP_URL is set' })
  @ApiResponse({ status: 201, standardSchema: newInvitationSchema })
  @Problems({ 403: ['owner_only: only an owner invites an owner'], 409: ['email_taken'] })
  invite(@CurrentUser() caller: Caller, @Body({ schema: inviteSchema }) body: Invite): Promise<NewInvitation> {
    return this.invitations.invite(caller, body);
  }

  @Delete('invitations/:id')
  @Access('users:write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['invitation_not_found'] })
  revoke(@Tenant() tenantId: TenantId, @Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    return this.invitations.revoke(tenantId, id);
  }

  /** A POST, so that the secret is in no address. */
  @Post('auth/invitations/look')
  @Public()
  @ChangesNothing()
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: invitedSchema })
  @Problems({ 422: ['invalid_link'] })
  look(@Body({ schema: lookAtInvitationSchema }) { token }: { token: string }): Promise<Invited> {
    return this.invited.look(token);
  }

  @Post('auth/invitations/accept')
  @Public()
  @ApiOperation({ summary: 'Become a user of the tenant with a password of your own' })
  @ApiResponse({ status: 201, standardSchema: invitedSchema })
  @Problems({ 409: ['email_taken'], 422: ['invalid_link'] })
  accept(@Body({ schema: acceptInvitationSchema }) body: AcceptInvitation): Promise<Invited> {
    return this.invited.accept(body);
  }
}
