import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { ActionError } from '../flows/flow.errors.js';
import { contactNameSchema, localeSchema, tagSchema } from './contacts.dto.js';
import { TooManyTagsError } from './contacts.errors.js';
import { ContactsService } from './contacts.service.js';

/** What a flow may do with the customer it talks to. */
@Injectable()
export class ContactActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly contacts: ContactsService,
  ) {}

  onModuleInit(): void {
    this.registry.register(
      defineAction({
        name: 'contacts.update',
        input: z.strictObject({
          name: contactNameSchema.optional(),
          locale: localeSchema.optional(),
          tag: tagSchema.optional().describe('Added to the tags the contact has'),
        }),
        output: z.object({
          name: z.string().nullable(),
          locale: localeSchema.nullable(),
          tags: z.array(z.string()),
        }),
        errors: ['too_many_tags'],
        run: async (tx, { tenantId, contactId }, input) => {
          try {
            const { name, locale, tags } = await this.contacts.learn(tx, tenantId, contactId, input);
            return { name, locale, tags };
          } catch (error) {
            if (error instanceof TooManyTagsError) throw new ActionError(error.code, error.message, { cause: error });
            throw error;
          }
        },
      }),
    );
  }
}
