import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { ContactActions } from './contact-actions.js';
import { ContactIdentityService } from './contact-identity.service.js';
import { ContactIdentity } from './contact-identity.entity.js';
import { Contact } from './contact.entity.js';
import { ContactsController } from './contacts.controller.js';
import { ContactsService } from './contacts.service.js';
import { DueMerges } from './merging/due-merges.js';

@Module({
  imports: [TypeOrmModule.forFeature([Contact, ContactIdentity]), FlowsModule],
  controllers: [ContactsController],
  providers: [ContactActions, ContactIdentityService, ContactsService, DueMerges],
  exports: [ContactIdentityService, ContactsService],
})
export class ContactsModule {}
