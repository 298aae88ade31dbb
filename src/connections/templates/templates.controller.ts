import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { Id } from '../../platform/http/id.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { TemplateList } from './template-list.service.js';
import { type ListTemplates, listTemplatesSchema, templatePageSchema, type TemplateView } from './templates.dto.js';

@Tag('templates', 'Message templates of a business account: what may be sent after 24 hours, and how it stands.')
@Controller('bots/:botId/connections/:id/templates')
export class TemplatesController {
  constructor(private readonly templates: TemplateList) {}

  @Get()
  @Access('connections:read')
  @Route({
    summary: 'List the templates of the connection’s business account, with status and quality',
    description:
      'Asked of the provider, and at most 30 seconds old; what it told since then by webhook counts at once. Official ' +
      'connections only.',
    view: templatePageSchema,
    problems: {
      404: ['connection_not_found'],
      409: [
        'templates_unsupported: of this provider',
        'account_unknown: the credentials name no business account',
        'templates_refused: the provider refused the account',
      ],
      502: ['templates_unavailable: the provider gave no list'],
    },
  })
  list(
    @Tenant() tenantId: TenantId,
    @Id('botId') botId: string,
    @Id() id: string,
    @Query({ schema: listTemplatesSchema }) query: ListTemplates,
  ): Promise<Page<TemplateView>> {
    return this.templates.list(tenantId, botId, id, query);
  }
}
