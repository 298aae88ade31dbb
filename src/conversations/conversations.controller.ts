import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
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
  messageViewSchema,
  type Reply,
  replySchema,
} from './conversations.dto.js';
import { ConversationsService } from './conversations.service.js';

const conversationId = { schema: z.uuid() };

@ApiTags('conversations')
@Controller('conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @Access('conversations:read')
  @SparseFields(conversationViewSchema)
  @ApiOperation({
    summary: 'Conversations: the last to be written in first, or those that wait for a person',
    description: '`handoff.at` says since when one of `mode=human` has had a person.',
  })
  @ApiResponse({ status: 200, standardSchema: conversationPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listConversationsSchema }) query: ListConversations,
  ): Promise<Page<ConversationView>> {
    return this.conversations.list(tenantId, query);
  }

  @Get(':id')
  @Access('conversations:read')
  @SparseFields(conversationViewSchema)
  @ApiResponse({ status: 200, standardSchema: conversationViewSchema })
  @Problems({ 404: ['conversation_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', conversationId) id: string): Promise<ConversationView> {
    return this.conversations.get(tenantId, id);
  }

  @Get(':id/messages')
  @Access('conversations:read')
  @SparseFields(messageViewSchema)
  @ApiOperation({ summary: 'What both sides said, newest first, with how far each message got; paged both ways' })
  @ApiResponse({ status: 200, standardSchema: messagePageSchema })
  @Problems({ 404: ['conversation_not_found'] })
  messages(
    @Tenant() tenantId: TenantId,
    @Param('id', conversationId) id: string,
    @Query({ schema: listMessagesSchema }) page: ListMessages,
  ): Promise<MessagePage> {
    return this.conversations.messages(tenantId, id, page);
  }

  @Post(':id/messages')
  @HttpCode(202)
  @Idempotent()
  @Access('messages:send')
  @ApiOperation({
    summary: 'Answer the customer as a person',
    description:
      'Words, a file of /api/media, a reaction to a message or an answer that quotes one: see OutboundContent.',
  })
  @ApiResponse({ status: 202, standardSchema: acceptedMessageSchema })
  @Problems({ 404: ['conversation_not_found', 'media_not_found', 'media_not_stored'] })
  reply(
    @Tenant() tenantId: TenantId,
    @Param('id', conversationId) id: string,
    @Body({ schema: replySchema }) reply: Reply,
    @RequestKey() key: string | null,
  ): Promise<AcceptedMessage> {
    return this.conversations.reply(tenantId, id, reply, key);
  }

  @Post(':id/hand-over')
  @HttpCode(200)
  @Access('conversations:write')
  @ApiOperation({ summary: 'A person answers from now on; the bot is silent' })
  @ApiResponse({ status: 200, standardSchema: conversationViewSchema })
  @Problems({ 404: ['conversation_not_found'] })
  handOver(@Tenant() tenantId: TenantId, @Param('id', conversationId) id: string): Promise<ConversationView> {
    return this.conversations.handOver(tenantId, id);
  }

  @Post(':id/hand-back')
  @HttpCode(200)
  @Access('conversations:write')
  @ApiOperation({ summary: 'The bot answers again; a parked conversation begins anew' })
  @ApiResponse({ status: 200, standardSchema: conversationViewSchema })
  @Problems({ 404: ['conversation_not_found'] })
  handBack(@Tenant() tenantId: TenantId, @Param('id', conversationId) id: string): Promise<ConversationView> {
    return this.conversations.handBack(tenantId, id);
  }
}
