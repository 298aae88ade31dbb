import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ChangesNothing } from '../platform/http/changes-nothing.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  flowReportSchema,
  publishFlowSchema,
  versionPageSchema,
  versionSummarySchema,
  versionViewSchema,
  type PublishFlow,
  type ListVersions,
  listVersionsSchema,
} from './flows.dto.js';
import { FlowsService } from './flows.service.js';

const flowId = { schema: z.uuid() };
const versionNumber = { schema: z.coerce.number().int().min(1).max(2_147_483_647) };

@ApiTags('flows')
@Controller('flows/:id')
export class FlowVersionsController {
  constructor(private readonly flows: FlowsService) {}

  @Post('validate')
  @ChangesNothing()
  @HttpCode(200)
  @Access('flows:read')
  @ApiOperation({ summary: 'What publishing the draft would say' })
  @ApiResponse({ status: 200, standardSchema: flowReportSchema })
  @Problems({ 404: ['flow_not_found'] })
  validate(@Tenant() tenantId: TenantId, @Param('id', flowId) id: string) {
    return this.flows.validateDraft(tenantId, id);
  }

  @Post('publish')
  @Access('flows:write')
  @ApiOperation({ summary: 'Make an immutable version of the draft' })
  @ApiResponse({ status: 201, standardSchema: versionSummarySchema })
  @ApiResponse({
    status: 200,
    standardSchema: versionSummarySchema,
    description: 'The same content was published before',
  })
  @Problems({
    404: ['flow_not_found'],
    409: ['flow_archived'],
    422: ['flow_invalid: `problems` lists every problem with its step'],
  })
  async publish(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', flowId) id: string,
    @Body({ schema: publishFlowSchema }) { note }: PublishFlow,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { version, isNew } = await this.flows.publish(tenantId, id, { note, publishedBy: caller.userId });
    void reply.status(isNew ? 201 : 200);
    return version;
  }

  @Get('versions')
  @Access('flows:read')
  @Cached(['flow', 'flow_version'])
  @SparseFields(versionSummarySchema)
  @ApiOperation({ summary: 'Versions, newest first' })
  @ApiResponse({ status: 200, standardSchema: versionPageSchema })
  @Problems({ 404: ['flow_not_found'] })
  listVersions(
    @Tenant() tenantId: TenantId,
    @Param('id', flowId) id: string,
    @Query({ schema: listVersionsSchema }) page: ListVersions,
  ) {
    return this.flows.listVersions(tenantId, id, page);
  }

  @Get('versions/:number')
  @Access('flows:read')
  @Cached(['flow_version'])
  @SparseFields(versionViewSchema)
  @ApiOperation({ summary: 'One version with its document' })
  @ApiResponse({ status: 200, standardSchema: versionViewSchema })
  @Problems({ 404: ['flow_version_not_found'] })
  getVersion(
    @Tenant() tenantId: TenantId,
    @Param('id', flowId) id: string,
    @Param('number', versionNumber) number: number,
  ) {
    return this.flows.getVersion(tenantId, id, number);
  }
}
