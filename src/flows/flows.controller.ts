import { Body, Controller, Get, Headers, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
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
  type PutDraft,
} from './flows.dto.js';

const flowId = { schema: z.uuid() };

@ApiTags('flows')
@Controller('flows')
export class FlowsController {
  constructor(private readonly drafts: FlowDraftsService) {}

  @Get()
  @Access('flows:read')
  @Cached(['flow'])
  @SparseFields(flowViewSchema)
  @ApiOperation({ summary: 'Flows by key' })
  @ApiResponse({ status: 200, standardSchema: flowPageSchema })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listFlowsSchema }) query: ListFlows) {
    return this.drafts.list(tenantId, query);
  }

  @Post()
  @Access('flows:write')
  @ApiOperation({ summary: 'Begin a flow with a first draft' })
  @ApiResponse({ status: 201, standardSchema: flowViewSchema })
  @Problems({ 409: ['flow_key_taken'], 413: ['flow_draft_too_large'] })
  create(@Tenant() tenantId: TenantId, @Body({ schema: createFlowSchema }) body: CreateFlow) {
    return this.drafts.create(tenantId, body);
  }

  @Get(':id')
  @Access('flows:read')
  @Cached(['flow'])
  @SparseFields(flowViewSchema)
  @ApiOperation({ summary: 'One flow' })
  @ApiResponse({ status: 200, standardSchema: flowViewSchema })
  @Problems({ 404: ['flow_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', flowId) id: string) {
    return this.drafts.get(tenantId, id);
  }

  @Patch(':id')
  @Access('flows:write')
  @ApiOperation({ summary: 'Rename, archive or restore a flow' })
  @ApiResponse({ status: 200, standardSchema: flowViewSchema })
  @Problems({ 404: ['flow_not_found'] })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', flowId) id: string,
    @Body({ schema: changeFlowSchema }) body: ChangeFlow,
  ) {
    return this.drafts.change(tenantId, id, body);
  }

  @Get(':id/draft')
  @Access('flows:read')
  @Cached(['flow'])
  @SparseFields(draftViewSchema)
  @ApiOperation({ summary: 'The draft; its revision is the ETag' })
  @ApiResponse({ status: 200, standardSchema: draftViewSchema })
  @Problems({ 404: ['flow_not_found'] })
  async getDraft(
    @Tenant() tenantId: TenantId,
    @Param('id', flowId) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const draft = await this.drafts.getDraft(tenantId, id);
    void reply.header('etag', etagOf(draft.draftRevision));
    return draft;
  }

  @Put(':id/draft')
  @Access('flows:write')
  @ApiOperation({ summary: 'Save the draft, finished or not' })
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'ETag of the draft you edited; 412 when it has changed',
  })
  @ApiResponse({ status: 200, standardSchema: draftViewSchema })
  @Problems({ 404: ['flow_not_found'], 409: ['flow_archived'], 413: ['flow_draft_too_large'] })
  async putDraft(
    @Tenant() tenantId: TenantId,
    @Param('id', flowId) id: string,
    @Body({ schema: putDraftSchema }) body: PutDraft,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const draft = await this.drafts.putDraft(tenantId, id, body.draft, ifMatch);
    void reply.header('etag', etagOf(draft.draftRevision));
    return draft;
  }
}
