import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import {
  groupMessagePageSchema,
  type GroupMessageView,
  type ListGroupMessages,
  listGroupMessagesSchema,
  groupMessageViewSchema,
} from './group-messages.dto.js';
import { GroupMessagesQueries } from './group-messages.queries.js';

@ApiTags('conversations')
@Controller('group-messages')
export class GroupMessagesController {
  constructor(private readonly messages: GroupMessagesQueries) {}

  @Get()
  @Access('conversations:read')
  @SparseFields(groupMessageViewSchema)
  @ApiOperation({
    summary: 'What was said in WhatsApp groups the numbers are in, newest first; the bot never answers there',
  })
  @ApiResponse({ status: 200, standardSchema: groupMessagePageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listGroupMessagesSchema }) query: ListGroupMessages,
  ): Promise<Page<GroupMessageView>> {
    return this.messages.list(tenantId, query);
  }
}
