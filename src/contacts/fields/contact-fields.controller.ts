import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { Cached } from '../../platform/cache/cached.decorator.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import {
  type ChangeContactField,
  changeContactFieldSchema,
  contactFieldsSchema,
  type ContactFieldView,
  contactFieldViewSchema,
  type CreateContactField,
  createContactFieldSchema,
} from './contact-fields.dto.js';
import { ContactFieldsService } from './contact-fields.service.js';

const fieldId = { schema: z.uuid() };

@ApiTags('contacts')
@Controller('contact-fields')
export class ContactFieldsController {
  constructor(private readonly fields: ContactFieldsService) {}

  @Get()
  @Access('contacts:read')
  @Cached(['contact_field'])
  @SparseFields(contactFieldViewSchema)
  @ApiOperation({ summary: "The shop's own fields of a contact, in their order" })
  @ApiResponse({ status: 200, standardSchema: contactFieldsSchema })
  async list(@Tenant() tenantId: TenantId): Promise<{ items: ContactFieldView[] }> {
    return { items: await this.fields.list(tenantId) };
  }

  @Post()
  @Access('contact-fields:write')
  @ApiResponse({ status: 201, standardSchema: contactFieldViewSchema })
  @Problems({ 409: ['contact_field_exists', 'too_many_contact_fields'] })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createContactFieldSchema }) body: CreateContactField,
  ): Promise<ContactFieldView> {
    return this.fields.create(tenantId, body);
  }

  @Patch(':id')
  @Access('contact-fields:write')
  @ApiResponse({ status: 200, standardSchema: contactFieldViewSchema })
  @Problems({ 404: ['contact_field_not_found'] })
  change(
    @Tenant() tenantId: TenantId,
    @Param('id', fieldId) id: string,
    @Body({ schema: changeContactFieldSchema }) body: ChangeContactField,
  ): Promise<ContactFieldView> {
    return this.fields.change(tenantId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('contact-fields:write')
  @ApiOperation({ summary: 'Delete a field with the values contacts have of it' })
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['contact_field_not_found'] })
  delete(@Tenant() tenantId: TenantId, @Param('id', fieldId) id: string): Promise<void> {
    return this.fields.delete(tenantId, id);
  }
}
