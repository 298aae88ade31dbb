import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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
const versionNumber = { schema: z.coerce.number().int().min(1).max(2_147_483_647) };

@Tag('flows')
@Controller('flows/:id')
export class FlowVersionsController {
  constructor(private readonly flows: FlowsService) {}

  @Post('validate')
  @Access('flows:read')
  @Route({
    summary: 'What publishing the draft would say',
    view: flowReportSchema,
    changesNothing: true,
    problems: { 404: ['flow_not_found'] },
  })
  validate(@Tenant() tenantId: TenantId, @Id() id: string) {
    return this.flows.validateDraft(tenantId, id);
  }

  @Post('publish')
  @Access('flows:write')
  @Route({
    summary: 'Make an immutable version of the draft',
    description:
      'The same content again makes no new version: 200 with the one that is there. Conversations begin on ' +
      'it once a bot is told to: POST /api/bots/{id}/activate.',
    status: 201,
    view: versionSummarySchema,
    others: {
      200: { answer: 'The same content was published before', view: versionSummarySchema },
    },
    problems: {
      404: ['flow_not_found'],
      409: ['flow_archived'],
      422: ['flow_invalid: `problems` lists every problem with its step'],
    },
  })
  async publish(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: publishFlowSchema }) { note }: PublishFlow,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { version, isNew } = await this.flows.publish(tenantId, id, { note, publishedBy: caller.userId });
    void reply.status(isNew ? 201 : 200);
    return version;
  }

  @Get('versions')
  @Access('flows:read')
  @Route({
    summary: 'Versions, newest first',
    view: versionPageSchema,
    cached: { tables: ['flow', 'flow_version'] },
    problems: { 404: ['flow_not_found'] },
  })
  listVersions(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listVersionsSchema }) page: ListVersions,
  ) {
    return this.flows.listVersions(tenantId, id, page);
  }

  @Get('versions/:number')
  @Access('flows:read')
  @Route({
    summary: 'One version with its document',
    view: versionViewSchema,
    cached: { tables: ['flow_version'] },
    problems: { 404: ['flow_version_not_found'] },
  })
  getVersion(@Tenant() tenantId: TenantId, @Id() id: string, @Param('number', versionNumber) number: number) {
    return this.flows.getVersion(tenantId, id, number);
  }
}
