import { z } from 'zod';
import { flowKeySchema } from './engine/document/names.js';
import { sortSchema } from '../platform/http/sorted-page.js';
import { flag } from '../platform/http/flag.js';
import { listSchema, pageQuerySchema, pageSchema } from '../platform/http/page.js';

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

export const listFlowsSchema = pageQuerySchema.extend({
  sort: sortSchema(['key', 'title', 'createdAt', 'updatedAt'], 'key'),
  archived: flag.default(false).describe('true: the archived ones; false: the others'),
});
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
  .meta({
    id: 'Flow',
    example: {
      id: 'd4e5f607-1829-4a3b-8c4d-5e6f70819203',
      key: 'saludo',
      title: 'Saludo',
      isArchived: false,
      draftRevision: 4,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export const flowPageSchema = pageSchema(flowViewSchema).meta({ id: 'FlowPage' });

export const draftViewSchema = z
  .object({
    flowId: z.uuid(),
    draftRevision: z.int(),
    draft: z.record(z.string(), z.unknown()),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'FlowDraft',
    example: {
      flowId: 'd4e5f607-1829-4a3b-8c4d-5e6f70819203',
      draftRevision: 4,
      draft: EXAMPLE_DRAFT,
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });

const EXAMPLE_PROBLEM = {
  code: 'W210',
  severity: 'warning',
  step: 'hola',
  path: '/steps/0',
  message: 'No other step leads here',
};
export const flowProblemSchema = z
  .object({
    code: z.string().describe('E… refuses publishing, W… warns'),
    severity: z.enum(['error', 'warning']),
    step: z.string().nullable().describe('Id of the step, null when it is about the whole document'),
    path: z.string().describe('Where in the document'),
    message: z.string(),
  })
  .meta({ id: 'FlowProblem', example: EXAMPLE_PROBLEM });
export const flowReportSchema = z
  .object({ problems: z.array(flowProblemSchema) })
  .meta({ id: 'FlowReport', example: { problems: [EXAMPLE_PROBLEM] } });

const EXAMPLE_VERSION = {
  id: '3f0c9a52-6d1e-4b7a-8c4d-2e5f60718293',
  flowId: 'd4e5f607-1829-4a3b-8c4d-5e6f70819203',
  number: 3,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  note: 'Horario de invierno',
  publishedBy: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  publishedAt: '2026-03-04T09:30:00.000Z',
};
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
  .meta({ id: 'FlowVersionSummary', example: EXAMPLE_VERSION });
export const versionPageSchema = pageSchema(versionSummarySchema).meta({ id: 'FlowVersionPage' });
export const versionViewSchema = versionSummarySchema
  .extend({ document: z.record(z.string(), z.unknown()), problems: z.array(flowProblemSchema) })
  .meta({ id: 'FlowVersion', example: { ...EXAMPLE_VERSION, document: EXAMPLE_DRAFT, problems: [] } });

export const actionViewSchema = z
  .object({
    name: z.string(),
    errors: z.array(z.string()).describe('What the step may branch on in `on`'),
    input: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12'),
    output: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12'),
  })
  .meta({
    id: 'FlowAction',
    example: {
      name: 'products.search',
      errors: ['not_found'],
      input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      output: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
    },
  });
export const actionListSchema = listSchema(actionViewSchema).meta({ id: 'FlowActions' });
