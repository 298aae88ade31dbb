import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import {
  groupMessagePageSchema,
  type GroupMessageView,
  type ListGroupMessages,
  listGroupMessagesSchema,
} from './group-messages.dto.js';
import { GroupMessagesQueries } from './group-messages.queries.js';

@Tag('conversations')
@Controller('group-messages')
export class GroupMessagesController {
  constructor(private readonly messages: GroupMessagesQueries) {}

  @Get()
  @Access('conversations:read')
  @Route({
    summary: 'What was said in WhatsApp groups the numbers are in, newest first; the bot never answers there',
    view: groupMessagePageSchema,
  })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listGroupMessagesSchema }) query: ListGroupMessages,
  ): Promise<Page<GroupMessageView>> {
    return this.messages.list(tenantId, query);
  }
}
