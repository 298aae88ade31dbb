import { Body, Controller, Get, Headers, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import { Problems } from '../platform/http/problems.decorator.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Cached } from '../platform/cache/cached.decorator.js';
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

const contactId = { schema: z.uuid() };

@ApiTags('contacts')
@Controller('contacts')
@UseInterceptors(RevisionEtagInterceptor)
export class ContactsController {
  constructor(private readonly contacts: ContactsService) {}

  @Get()
  @Access('contacts:read')
  @SparseFields(contactViewSchema)
  @ApiOperation({ summary: 'Contacts' })
  @ApiResponse({ status: 200, standardSchema: contactPageSchema })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listContactsSchema }) query: ListContacts,
  ): Promise<Page<ContactView>> {
    return this.contacts.list(tenantId, query);
  }

  @Post()
  @Access('contacts:write')
  @ApiResponse({ status: 201, standardSchema: contactViewSchema })
  @Problems({ 409: ['contact_exists: the number, in any of its spellings, is taken'] })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createContactSchema }) body: CreateContact,
  ): Promise<ContactView> {
    return this.contacts.create(tenantId, body);
  }

  @Get('tags')
  @Access('contacts:read')
  @Cached([], { knownRows: ['contact'] })
  @ApiOperation({ summary: 'Tags in use, the most frequent first' })
  @ApiResponse({ status: 200, standardSchema: tagCountsSchema })
  tags(@Tenant() tenantId: TenantId): Promise<TagCounts> {
    return this.contacts.tags(tenantId);
  }

  @Get(':id')
  @Access('contacts:read')
  @Cached(['contact_alias'], { knownRows: ['contact'] })
  @SparseFields(contactViewSchema)
  @ApiResponse({ status: 200, standardSchema: contactViewSchema })
  @Problems({ 404: ['contact_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', contactId) id: string): Promise<ContactView> {
    return this.contacts.get(tenantId, id);
  }

  @Patch(':id')
  @Access('contacts:write')
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 200, standardSchema: contactViewSchema })
  @Problems({ 404: ['contact_not_found'], 409: ['contact_exists: the number, in any of its spellings, is taken'] })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', contactId) id: string,
    @Body({ schema: changeContactSchema }) body: ChangeContact,
    @Headers('if-match') ifMatch?: string,
  ): Promise<ContactView> {
    return this.contacts.change(tenantId, id, body, ifMatch);
  }
}
