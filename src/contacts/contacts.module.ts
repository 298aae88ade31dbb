import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { ContactActions } from './contact-actions.js';
import { ContactIdentityService } from './contact-identity.service.js';
import { ContactIdentity } from './contact-identity.entity.js';
import { Contact } from './contact.entity.js';
import { ContactsController } from './contacts.controller.js';
import { ContactsService } from './contacts.service.js';
import { ContactFieldsController } from './fields/contact-fields.controller.js';
import { ContactFieldsService } from './fields/contact-fields.service.js';
import { ContactNotesController } from './notes/contact-notes.controller.js';
import { ContactNotesService } from './notes/contact-notes.service.js';
import { DueMerges } from './merging/due-merges.js';

@Module({
  imports: [TypeOrmModule.forFeature([Contact, ContactIdentity]), FlowsModule],
  controllers: [ContactsController, ContactFieldsController, ContactNotesController],
  providers: [
    ContactActions,
    ContactFieldsService,
    ContactIdentityService,
    ContactNotesService,
    ContactsService,
    DueMerges,
  ],
  exports: [ContactIdentityService, ContactsService],
})
export class ContactsModule {}
