import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type AcceptedMessage,
  acceptedMessageSchema,
  conversationPageSchema,
  type ConversationView,
  conversationViewSchema,
  type ListConversations,
  listConversationsSchema,
  type ListMessages,
  listMessagesSchema,
  type MessagePage,
  messagePageSchema,
  type Reply,
  replySchema,
} from './conversations.dto.js';
import { ConversationsService } from './conversations.service.js';

@Tag('conversations', 'What customers and bots wrote, and which conversations a person has taken over.')
@Controller('conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @Access('conversations:read')
  @Route({
    summary: 'Conversations: the last to be written in first, or those that wait for a person',
    description: '`handoff.at` says since when one of `mode=human` has had a person.',
    view: conversationPageSchema,
  })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listConversationsSchema }) query: ListConversations,
  ): Promise<Page<ConversationView>> {
    return this.conversations.list(tenantId, query);
  }

  @Get(':id')
  @Access('conversations:read')
  @Route({
    summary: 'Show one conversation',
    view: conversationViewSchema,
    problems: { 404: ['conversation_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ConversationView> {
    return this.conversations.get(tenantId, id);
  }

  @Get(':id/messages')
  @Access('conversations:read')
  @Route({
    summary: 'What both sides said, newest first, with how far each message got; paged both ways',
    view: messagePageSchema,
    problems: { 404: ['conversation_not_found'] },
  })
  messages(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listMessagesSchema }) page: ListMessages,
  ): Promise<MessagePage> {
    return this.conversations.messages(tenantId, id, page);
  }

  @Post(':id/messages')
  @Access('messages:send')
  @Route({
    summary: 'Answer the customer as a person',
    description:
      'Words, a file of /api/media, a reaction to a message or an answer that quotes one: see OutboundContent.',
    status: 202,
    view: acceptedMessageSchema,
    problems: { 404: ['conversation_not_found', 'media_not_found', 'media_not_stored'] },
  })
  reply(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: replySchema }) reply: Reply,
    @RequestKey() key: string | null,
  ): Promise<AcceptedMessage> {
    return this.conversations.reply(tenantId, id, reply, key);
  }

  @Post(':id/hand-over')
  @Access('conversations:write')
  @Route({
    summary: 'A person answers from now on; the bot is silent',
    view: conversationViewSchema,
    problems: { 404: ['conversation_not_found'] },
  })
  handOver(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ConversationView> {
    return this.conversations.handOver(tenantId, id);
  }

  @Post(':id/hand-back')
  @Access('conversations:write')
  @Route({
    summary: 'The bot answers again; a parked conversation begins anew',
    view: conversationViewSchema,
    problems: { 404: ['conversation_not_found'] },
  })
  handBack(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ConversationView> {
    return this.conversations.handBack(tenantId, id);
  }
}
