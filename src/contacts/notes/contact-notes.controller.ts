import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../../auth/tenant.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
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

@Tag('contacts')
@Controller('contacts/:id/notes')
export class ContactNotesController {
  constructor(private readonly notes: ContactNotesService) {}

  @Get()
  @Access('contacts:read')
  @Route({
    summary: 'What the people of the shop wrote about a contact',
    view: contactNotePageSchema,
    cached: { tables: ['contact_note', 'contact_alias'], knownRows: ['contact'] },
    problems: { 404: ['contact_not_found'] },
  })
  list(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: listContactNotesSchema }) query: ListContactNotes,
  ): Promise<Page<ContactNoteView>> {
    return this.notes.list(tenantId, id, query);
  }

  @Post()
  @Access('contacts:write')
  @Route({
    summary: 'Write a note about a contact',
    status: 201,
    view: contactNoteViewSchema,
    problems: { 404: ['contact_not_found'] },
  })
  add(
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: writeContactNoteSchema }) { text }: WriteContactNote,
  ): Promise<ContactNoteView> {
    return this.notes.add(caller, id, text);
  }

  @Delete(':noteId')
  @Access('contacts:write')
  @Route({
    summary: 'Delete a note about a contact',
    status: 204,
    problems: { 404: ['contact_not_found', 'contact_note_not_found'] },
  })
  delete(@Tenant() tenantId: TenantId, @Id() id: string, @Id('noteId') noteId: string): Promise<void> {
    return this.notes.delete(tenantId, id, noteId);
  }
}
