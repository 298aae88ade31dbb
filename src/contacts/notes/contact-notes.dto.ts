import { z } from 'zod';
import { sortSchema } from '../../platform/database/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';

export const listContactNotesSchema = pageQuerySchema.extend({ sort: sortSchema(['createdAt'], '-createdAt') });
export type ListContactNotes = z.output<typeof listContactNotesSchema>;

export const writeContactNoteSchema = z
  .strictObject({ text: z.string().trim().min(1).max(2000) })
  .meta({ id: 'WriteContactNote', examples: [{ text: 'Prefiere que la llamen por la tarde' }] });
export type WriteContactNote = z.output<typeof writeContactNoteSchema>;

export const contactNoteViewSchema = z
  .object({
    id: z.uuid(),
    author: z.string().describe('user: or key: (an API key) and the id'),
    text: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ContactNote' });
export type ContactNoteView = z.output<typeof contactNoteViewSchema>;
export const contactNotePageSchema = pageSchema(contactNoteViewSchema).meta({ id: 'ContactNotePage' });
