import { z } from 'zod';
import { pageSchema } from '../../platform/http/page.js';

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
