import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import type { Page } from '../../platform/http/page.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { Access, PublicByToken } from '../access.decorator.js';
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
} from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InvitedService } from './invited.service.js';

@Tag('users')
@Controller()
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly invited: InvitedService,
  ) {}

  @Get('invitations')
  @Access('users:read')
  @Route({ summary: 'List invitations, newest first', view: invitationPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listInvitationsSchema }) page: ListInvitations,
  ): Promise<Page<InvitationView>> {
    return this.invitations.list(tenantId, page);
  }

  @Post('invitations')
  @Access('users:write')
  @Route({
    summary: 'Invite a person; the answer shows the link, once, and it is mailed when SMTP_URL is set',
    status: 201,
    view: newInvitationSchema,
    problems: { 403: ['owner_only: only an owner invites an owner'], 409: ['email_taken'] },
  })
  invite(@CurrentUser() caller: Caller, @Body({ schema: inviteSchema }) body: Invite): Promise<NewInvitation> {
    return this.invitations.invite(caller, body);
  }

  @Delete('invitations/:id')
  @Access('users:write')
  @Route({ summary: 'Take an invitation back', status: 204, problems: { 404: ['invitation_not_found'] } })
  revoke(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    return this.invitations.revoke(tenantId, id);
  }

  /** A POST, so that the secret is in no address. */
  @Post('auth/invitations/look')
  @PublicByToken()
  @Route({
    summary: 'Show what an invitation is for, before accepting it',
    view: invitedSchema,
    changesNothing: true,
    problems: { 422: ['invalid_link'], 429: ['rate_limited'] },
  })
  look(@Body({ schema: lookAtInvitationSchema }) { token }: { token: string }): Promise<Invited> {
    return this.invited.look(token);
  }

  @Post('auth/invitations/accept')
  @PublicByToken()
  @Route({
    summary: 'Become a user of the tenant with a password of your own',
    status: 201,
    view: invitedSchema,
    problems: { 409: ['email_taken'], 422: ['invalid_link'], 429: ['rate_limited'] },
  })
  accept(@Body({ schema: acceptInvitationSchema }) body: AcceptInvitation): Promise<Invited> {
    return this.invited.accept(body);
  }
}
