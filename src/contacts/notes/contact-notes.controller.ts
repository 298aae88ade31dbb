import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../../auth/access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Cached } from '../../platform/cache/cached.decorator.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import {
  contactNotePageSchema,
  type ListContactNotes,
  listContactNotesSchema,
  type ContactNoteView,
  contactNoteViewSchema,
  type WriteContactNote,
  writeContactNoteSchema,
} from './contact-notes.dto.js';
import { ContactNotesService } from './contact-notes.service.js';

const idParam = { schema: z.uuid() };

@ApiTags('contacts')
@Controller('contacts/:id/notes')
export class ContactNotesController {
  constructor(private readonly notes: ContactNotesService) {}

  @Get()
  @Access('contacts:read')
  @Cached(['contact_note', 'contact_alias'], { knownRows: ['contact'] })
  @SparseFields(contactNoteViewSchema)
  @ApiOperation({ summary: 'What the people of the shop wrote about a contact' })
  @ApiResponse({ status: 200, standardSchema: contactNotePageSchema })
  @Problems({ 404: ['contact_not_found'] })
  list(
    @Tenant() tenantId: TenantId,
    @Param('id', idParam) id: string,
    @Query({ schema: listContactNotesSchema }) query: ListContactNotes,
  ): Promise<Page<ContactNoteView>> {
    return this.notes.list(tenantId, id, query);
  }

  @Post()
  @Access('contacts:write')
  @ApiResponse({ status: 201, standardSchema: contactNoteViewSchema })
  @Problems({ 404: ['contact_not_found'] })
  add(
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Body({ schema: writeContactNoteSchema }) { text }: WriteContactNote,
  ): Promise<ContactNoteView> {
    return this.notes.add(caller, id, text);
  }

  @Delete(':noteId')
  @HttpCode(204)
  @Access('contacts:write')
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['contact_not_found', 'contact_note_not_found'] })
  delete(
    @Tenant() tenantId: TenantId,
    @Param('id', idParam) id: string,
    @Param('noteId', idParam) noteId: string,
  ): Promise<void> {
    return this.notes.delete(tenantId, id, noteId);
  }
}
