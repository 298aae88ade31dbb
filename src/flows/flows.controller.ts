import { Body, Controller, Get, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { IfMatch, etagOf } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { FlowDraftsService } from './flow-drafts.service.js';
import {
  changeFlowSchema,
  createFlowSchema,
  draftViewSchema,
  flowPageSchema,
  flowViewSchema,
  listFlowsSchema,
  putDraftSchema,
  type ChangeFlow,
  type CreateFlow,
  type ListFlows,
  MAX_DRAFT_BYTES,
  type PutDraft,
} from './flows.dto.js';

@Tag('flows', 'What a bot says and when: drafts, published versions, and the language they are written in.')
@Controller('flows')
export class FlowsController {
  constructor(private readonly drafts: FlowDraftsService) {}

  @Get()
  @Access('flows:read')
  @Route({ summary: 'List flows, by key', view: flowPageSchema, cached: { tables: ['flow'] } })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listFlowsSchema }) query: ListFlows) {
    return this.drafts.list(tenantId, query);
  }

  @Post()
  @Access('flows:write')
  @Route({
    maxBodyBytes: 2 * MAX_DRAFT_BYTES,
    summary: 'Begin a flow with a first draft',
    status: 201,
    view: flowViewSchema,
    problems: { 409: ['flow_key_taken'], 413: ['flow_draft_too_large'] },
  })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createFlowSchema }) body: CreateFlow) {
    return this.drafts.create(tenantId, body);
  }

  @Get(':id')
  @Access('flows:read')
  @Route({
    summary: 'Show one flow',
    view: flowViewSchema,
    cached: { tables: ['flow'] },
    problems: { 404: ['flow_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string) {
    return this.drafts.get(tenantId, id);
  }

  @Patch(':id')
  @Access('flows:write')
  @Route({ summary: 'Rename, archive or restore a flow', view: flowViewSchema, problems: { 404: ['flow_not_found'] } })
  change(@Tenant() tenantId: TenantId, @Id() id: string, @Body({ schema: changeFlowSchema }) body: ChangeFlow) {
    return this.drafts.change(tenantId, id, body);
  }

  @Get(':id/draft')
  @Access('flows:read')
  @Route({
    summary: 'The draft; its revision is the ETag',
    view: draftViewSchema,
    cached: { tables: ['flow'] },
    problems: { 404: ['flow_not_found'] },
  })
  async getDraft(@Tenant() tenantId: TenantId, @Id() id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    const draft = await this.drafts.getDraft(tenantId, id);
    void reply.header('etag', etagOf(draft.draftRevision));
    return draft;
  }

  @Put(':id/draft')
  @Access('flows:write')
  @Route({
    maxBodyBytes: 2 * MAX_DRAFT_BYTES,
    summary: 'Save the draft, finished or not',
    view: draftViewSchema,
    problems: { 404: ['flow_not_found'], 409: ['flow_archived'], 413: ['flow_draft_too_large'] },
  })
  async putDraft(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: putDraftSchema }) body: PutDraft,
    @IfMatch() ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const draft = await this.drafts.putDraft(tenantId, id, body.draft, ifMatch);
    void reply.header('etag', etagOf(draft.draftRevision));
    return draft;
  }
}
