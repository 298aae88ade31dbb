import { Body, Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { Tenant } from '../../auth/tenant.decorator.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
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

@Tag('contacts')
@Controller('contact-fields')
export class ContactFieldsController {
  constructor(private readonly fields: ContactFieldsService) {}

  @Get()
  @Access('contacts:read')
  @Route({
    summary: "The shop's own fields of a contact, in their order",
    view: contactFieldsSchema,
    cached: { tables: ['contact_field'] },
  })
  async list(@Tenant() tenantId: TenantId): Promise<{ items: ContactFieldView[] }> {
    return { items: await this.fields.list(tenantId) };
  }

  @Post()
  @Access('contact-fields:write')
  @Route({
    summary: "Add a field of the shop's own to contacts",
    status: 201,
    view: contactFieldViewSchema,
    problems: { 409: ['contact_field_exists', 'too_many_contact_fields'] },
  })
  create(
    @Tenant() tenantId: TenantId,
    @Body({ schema: createContactFieldSchema }) body: CreateContactField,
  ): Promise<ContactFieldView> {
    return this.fields.create(tenantId, body);
  }

  @Patch(':id')
  @Access('contact-fields:write')
  @Route({
    summary: 'Change the label, options or place of a field',
    view: contactFieldViewSchema,
    problems: { 404: ['contact_field_not_found'] },
  })
  change(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Body({ schema: changeContactFieldSchema }) body: ChangeContactField,
  ): Promise<ContactFieldView> {
    return this.fields.change(tenantId, id, body);
  }

  @Delete(':id')
  @Access('contact-fields:write')
  @Route({
    summary: 'Delete a field with the values contacts have of it',
    status: 204,
    problems: { 404: ['contact_field_not_found'] },
  })
  delete(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    return this.fields.delete(tenantId, id);
  }
}
