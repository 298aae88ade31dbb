import { z } from 'zod';
import { flowKeySchema } from './engine/document/names.js';
import { sortSchema } from '../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';

/** A flow document of a thousand long steps is below this; it must fit a row and a browser. */
export const MAX_DRAFT_BYTES = 256 * 1024;

const EXAMPLE_DRAFT = {
  dsl: 1,
  flow: 'saludo',
  locales: ['es'],
  start: 'hola',
  steps: [
    { id: 'hola', type: 'message', text: '¡Hola! ¿En qué le ayudo?', next: 'fin' },
    { id: 'fin', type: 'end', outcome: 'answered' },
  ],
};

const title = z.string().trim().min(1).max(120);
const draft = z
  .record(z.string(), z.unknown())
  .describe('A flow document (GET /api/dsl/schema). It may be unfinished: only publishing demands that it is right');

export const listFlowsSchema = pageQuerySchema
  .extend({
    sort: sortSchema(['key', 'title', 'createdAt', 'updatedAt'], 'key'),
    archived: z
      .enum(['true', 'false'])
      .default('false')
      .transform((value) => value === 'true'),
  })
  .meta({ id: 'ListFlows' });
export type ListFlows = z.output<typeof listFlowsSchema>;

export const listVersionsSchema = pageQuerySchema.extend({ sort: sortSchema(['number'], '-number') });
export type ListVersions = z.output<typeof listVersionsSchema>;

export const createFlowSchema = z
  .strictObject({
    key: flowKeySchema.describe('Short name, unique in the tenant; subflow steps call it by this'),
    title,
    draft,
  })
  .meta({ id: 'CreateFlow', examples: [{ key: 'saludo', title: 'Saludo', draft: EXAMPLE_DRAFT }] });
export type CreateFlow = z.output<typeof createFlowSchema>;

export const changeFlowSchema = z
  .strictObject({ title: title.optional(), isArchived: z.boolean().optional() })
  .meta({ id: 'ChangeFlow', examples: [{ isArchived: true }] });
export type ChangeFlow = z.output<typeof changeFlowSchema>;

export const putDraftSchema = z
  .strictObject({ draft })
  .meta({ id: 'PutFlowDraft', examples: [{ draft: EXAMPLE_DRAFT }] });
export type PutDraft = z.output<typeof putDraftSchema>;

export const publishFlowSchema = z
  .strictObject({ note: z.string().trim().min(1).max(500).optional().describe('Why, for the list of versions') })
  .meta({ id: 'PublishFlow', examples: [{ note: 'Horario de invierno' }] })
  .default({});
export type PublishFlow = z.output<typeof publishFlowSchema>;

export const flowViewSchema = z
  .object({
    id: z.uuid(),
    key: z.string(),
    title: z.string(),
    isArchived: z.boolean(),
    draftRevision: z.int().describe('Also the ETag of the draft'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Flow' });
export const flowPageSchema = pageSchema(flowViewSchema).meta({ id: 'FlowPage' });

export const draftViewSchema = z
  .object({
    flowId: z.uuid(),
    draftRevision: z.int(),
    draft: z.record(z.string(), z.unknown()),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'FlowDraft' });

export const flowProblemSchema = z
  .object({
    code: z.string().describe('E… refuses publishing, W… warns'),
    severity: z.enum(['error', 'warning']),
    step: z.string().nullable().describe('Id of the step, null when it is about the whole document'),
    path: z.string().describe('Where in the document'),
    message: z.string(),
  })
  .meta({ id: 'FlowProblem' });
export const flowReportSchema = z.object({ problems: z.array(flowProblemSchema) }).meta({ id: 'FlowReport' });

export const versionSummarySchema = z
  .object({
    id: z.uuid(),
    flowId: z.uuid(),
    number: z.int(),
    sha256: z.string().describe('Of the canonical JSON of the document'),
    note: z.string().nullable(),
    publishedBy: z.uuid().nullable(),
    publishedAt: z.iso.datetime(),
  })
  .meta({ id: 'FlowVersionSummary' });
export const versionPageSchema = pageSchema(versionSummarySchema).meta({ id: 'FlowVersionPage' });
export const versionViewSchema = versionSummarySchema
  .extend({ document: z.record(z.string(), z.unknown()), problems: z.array(flowProblemSchema) })
  .meta({ id: 'FlowVersion' });

export const actionViewSchema = z
  .object({
    name: z.string(),
    errors: z.array(z.string()).describe('What the step may branch on in `on`'),
    input: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12'),
    output: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12'),
  })
  .meta({ id: 'FlowAction' });
export const actionListSchema = z.object({ items: z.array(actionViewSchema) }).meta({ id: 'FlowActions' });
