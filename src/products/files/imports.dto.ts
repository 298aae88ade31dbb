import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
import { flag } from '../../platform/http/flag.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';
import { IMPORT_STATES } from './product-import.entity.js';

export const PROBLEMS_SHOWN = 1000;

export const importQuerySchema = z.strictObject({
  dryRun: flag.default(false).describe('true: says what would change and what is wrong, and changes nothing'),
});
export type ImportQuery = z.output<typeof importQuerySchema>;

export const listImportsSchema = pageQuerySchema.extend({
  state: z.enum(IMPORT_STATES).optional(),
  dryRun: flag.optional().describe('true: only those that changed nothing by their nature'),
  sort: sortSchema(['createdAt'], '-createdAt'),
});
export type ListImports = z.output<typeof listImportsSchema>;

const EXAMPLE_PROBLEM = { line: 3, column: 'price', reason: 'No es un precio; escríbelo así: 189.00' };
export const problemSchema = z
  .object({
    line: z.int().describe('In the file, the header being line 1'),
    column: z.string().describe('Empty: the whole line'),
    reason: z.string().describe("In the business's language"),
  })
  .meta({ id: 'ProductImportProblem', example: EXAMPLE_PROBLEM });
export type ProblemView = z.output<typeof problemSchema>;
export const problemPageSchema = pageSchema(problemSchema).meta({ id: 'ProductImportProblemPage' });

const fields = {
  id: z.uuid(),
  state: z
    .enum(IMPORT_STATES)
    .describe('checked: a dry run is over. done: all of it is in. failed: none of it is, see problems'),
  isDryRun: z.boolean(),
  columns: z.array(z.string()),
  rowCount: z.int(),
  doneCount: z.int().describe('Lines looked at so far'),
  createdCount: z.int(),
  updatedCount: z.int(),
  unchangedCount: z.int().describe('As the file says already; not written. Stock counts apart'),
  problemCount: z.int(),
  createdBy: z.uuid(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
};
const EXAMPLE = {
  id: '6c7d8e9f-0a1b-4c2d-9e3f-4a5b6c7d8e9f',
  state: 'failed',
  isDryRun: false,
  columns: ['sku', 'price'],
  rowCount: 2,
  doneCount: 2,
  createdCount: 0,
  updatedCount: 1,
  unchangedCount: 0,
  problemCount: 1,
  createdBy: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  createdAt: '2026-03-02T15:04:05.000Z',
  finishedAt: '2026-03-02T15:04:06.000Z',
};
export const importSummarySchema = z.object(fields).meta({ id: 'ProductImportSummary', example: EXAMPLE });
export type ImportSummary = z.output<typeof importSummarySchema>;
export const importPageSchema = pageSchema(importSummarySchema).meta({ id: 'ProductImportPage' });

export const importViewSchema = z
  .object({ ...fields, problems: z.array(problemSchema).describe(`By line; the first ${PROBLEMS_SHOWN}`) })
  .meta({ id: 'ProductImport', example: { ...EXAMPLE, problems: [EXAMPLE_PROBLEM] } });
export type ImportView = z.output<typeof importViewSchema>;
