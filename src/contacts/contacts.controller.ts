import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  type ChangeContact,
  changeContactSchema,
  contactPageSchema,
  contactViewSchema,
  type CreateContact,
  createContactSchema,
  type ListContacts,
  listContactsSchema,
  type TagCounts,
  tagCountsSchema,
} from './contacts.dto.js';
import { ContactsService, type ContactView } from './contacts.service.js';

@Tag('contacts', "The customers of the business, with tags, notes and fields of the shop's own.")
@Controller('contacts')
export class ContactsController {
  constructor(private readonly contacts: ContactsService) {}

  @Get()
  @Access('contacts:read')
  @Route({ summary: 'List contacts', view: contactPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listContactsSchema }) query: ListContacts,
  ): Promise<Page<ContactView>> {
    return this.contacts.list(tenantId, query);
  }

  @Post()
  @Access('contacts:write')
  @Route({
    summary: 'Create a contact',
    status: 201,
    view: contactViewSchema,
    problems: { 409: ['contact_exists: the number, in any of its spellings, is taken'] },
  })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createContactSchema }) body: CreateContact,
  ): Promise<ContactView> {
    return this.contacts.create(tenantId, body);
  }

  @Get('tags')
  @Access('contacts:read')
  @Route({
    summary: 'Tags in use, the most frequent first',
    view: tagCountsSchema,
    cached: { tables: [], knownRows: ['contact'] },
  })
  tags(@Tenant() tenantId: TenantId): Promise<TagCounts> {
    return this.contacts.tags(tenantId);
  }

  @Get(':id')
  @Access('contacts:read')
  @Route({
    summary: 'Show one contact',
    view: contactViewSchema,
    cached: { tables: ['contact_alias'], knownRows: ['contact'] },
    problems: { 404: ['contact_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ContactView> {
    return this.contacts.get(tenantId, id);
  }

  @Patch(':id')
  @Access('contacts:write')
  @Route({
    summary: 'Change a contact: number, name, language, tags, own fields',
    description: 'What is absent stays as it is; null clears. Tags are replaced as a whole, fields one by one.',
    view: contactViewSchema,
    problems: { 404: ['contact_not_found'], 409: ['contact_exists: the number, in any of its spellings, is taken'] },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeContactSchema }) body: ChangeContact,
    @IfMatch() ifMatch?: string,
  ): Promise<ContactView> {
    return this.contacts.change(tenantId, id, body, ifMatch);
  }
}
