import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
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
  .meta({
    id: 'ContactNote',
    example: {
      id: 'b4a7c1d2-3e4f-4a5b-8c6d-7e8f90a1b2c3',
      author: 'user:5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
      text: 'Prefiere que la llamen por la tarde',
      createdAt: '2026-03-02T15:04:05.000Z',
    },
  });
export type ContactNoteView = z.output<typeof contactNoteViewSchema>;
export const contactNotePageSchema = pageSchema(contactNoteViewSchema).meta({ id: 'ContactNotePage' });
