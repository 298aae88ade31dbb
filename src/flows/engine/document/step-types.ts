import { z } from 'zod';
import { answerSchema } from './answer-types.js';
import { codeSchema, flowKeySchema, stepIdSchema, variableNameSchema } from './names.js';
import { templateMessageSchema } from './template-message.js';
import { durationSchema, expressionSchema, templateSchema, textSchema } from './values.js';

const url = z.string().min(1).max(2048).describe('An address; may hold {{ CEL }}');
const base = { id: stepIdSchema, label: z.string().max(200).optional().describe('For people who edit the flow') };
const next = stepIdSchema.optional();
const timeout = z.strictObject({ after: durationSchema, go: stepIdSchema }).optional();
const remind = z
  .array(z.strictObject({ after: durationSchema, text: textSchema }))
  .max(5)
  .optional()
  .describe('Said after this long without an answer, counted from the question');
const media = z
  .strictObject({
    kind: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
    url: url.describe('An address, or media:<id> of a file uploaded to /api/media; may hold {{ CEL }}'),
    caption: textSchema.optional(),
    filename: templateSchema.optional(),
  })
  .optional();
const inputs = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), expressionSchema).optional();
const save = z.record(variableNameSchema, expressionSchema).optional();
const on = z.record(codeSchema, stepIdSchema).optional().describe('Where an error code leads; `error` is any other');

const messageStep = z
  .strictObject({
    ...base,
    type: z.literal('message'),
    text: textSchema.optional(),
    media,
    link: z
      .strictObject({ url, title: textSchema })
      .optional()
      .describe('A button that opens an address; needs `text`'),
    buttons: z
      .array(z.strictObject({ id: z.string().min(1).max(200), title: textSchema }))
      .min(1)
      .max(3)
      .optional()
      .describe('Informational: the flow does not wait for a tap; needs `text`'),
    location: z
      .strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        name: templateSchema.optional(),
        address: templateSchema.optional(),
      })
      .optional(),
    contact: z.strictObject({ name: templateSchema, phone: templateSchema.describe('E.164') }).optional(),
    template: templateMessageSchema
      .optional()
      .describe('An approved message template, the only thing WhatsApp takes after 24 hours of silence'),
    resend: z.enum(['auto', 'never']).optional().describe('Links and templates: never, the rest: auto, unless said'),
    next,
  })
  .refine(({ text, media, location, contact, template }) => text ?? media ?? location ?? contact ?? template, {
    error: 'needs at least one of text, media, location, contact, template',
  })
  .refine(({ text, link, buttons }) => text !== undefined || (!link && !buttons), {
    error: 'link and buttons need a text',
  })
  .refine(({ link, buttons }) => !(link && buttons), { error: 'has either a link or buttons' });

const questionStep = z.strictObject({
  ...base,
  type: z.literal('question'),
  text: textSchema,
  media,
  answer: answerSchema,
  save: variableNameSchema.optional(),
  retry: z
    .strictObject({ max: z.int().min(0).max(10), text: textSchema.optional(), go: stepIdSchema.optional() })
    .optional(),
  remind,
  timeout,
  interruptible: z.boolean().optional().describe('false: `anytime` words are taken as the answer'),
  next,
});

const decisionStep = z
  .strictObject({
    ...base,
    type: z.literal('decision'),
    rules: z
      .array(z.strictObject({ when: expressionSchema, go: stepIdSchema }))
      .min(1)
      .max(50)
      .optional(),
    else: stepIdSchema.optional(),
    split: z
      .array(z.strictObject({ percent: z.int().min(1).max(100), go: stepIdSchema }))
      .min(2)
      .max(10)
      .optional()
      .describe('A/B: the same session always takes the same way'),
  })
  .refine(({ rules, split }) => Boolean(rules) !== Boolean(split), { error: 'needs either `rules` or `split`' })
  .refine(({ split }) => !split || split.reduce((sum, { percent }) => sum + percent, 0) === 100, {
    error: 'the percents of `split` must add up to 100',
  });

const actionStep = z.strictObject({
  ...base,
  type: z.literal('action'),
  action: z.string().regex(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9_]*)*$/, 'must be a name such as cart.add'),
  with: inputs,
  deadline: durationSchema.optional().describe('30s unless said'),
  save,
  on,
  next,
});

const apiStep = z.strictObject({
  ...base,
  type: z.literal('api'),
  request: z.strictObject({
    connection: z.string().min(1).max(64),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string().max(2048).startsWith('/').describe('Values of {{ CEL }} are percent-encoded'),
    query: inputs,
    headers: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/), templateSchema).optional(),
    body: z.union([expressionSchema, z.record(z.string().min(1).max(64), expressionSchema)]).optional(),
  }),
  deadline: durationSchema.optional().describe('Of one attempt; 10s unless said'),
  retry: z.strictObject({ max: z.int().min(0).max(5), backoff: durationSchema.optional() }).optional(),
  save,
  on: on.describe('By status (404, 5xx), `timeout` or `error`'),
  next,
});

const setStep = z.strictObject({
  ...base,
  type: z.literal('set'),
  set: z
    .record(variableNameSchema, expressionSchema)
    .describe('All are computed before any is assigned: JSON keeps no order of keys'),
  next,
});

const waitStep = z
  .strictObject({
    ...base,
    type: z.literal('wait'),
    for: durationSchema.optional(),
    until: expressionSchema.optional().describe('A timestamp, ISO text, or milliseconds since 1970'),
    event: z.string().min(1).max(100).optional(),
    where: expressionSchema.optional(),
    save,
    remind,
    meanwhile: z.strictObject({ text: textSchema }).optional().describe('Said when the customer writes while it waits'),
    timeout,
    next,
  })
  .refine((step) => [step.for, step.until, step.event].filter((kind) => kind !== undefined).length === 1, {
    error: 'needs one of `for`, `until`, `event`',
  })
  .refine(({ event, where, save, timeout }) => event !== undefined || (!where && !save && !timeout), {
    error: '`where`, `save` and `timeout` belong to `event`',
  });

const subflowStep = z.strictObject({
  ...base,
  type: z.literal('subflow'),
  flow: flowKeySchema,
  with: inputs.describe("Sets the other flow's variables"),
  save: save.describe("`result` holds the other flow's variables"),
  on: on.describe('By outcome of the other flow; `error` when it failed'),
  next,
});

const handoffStep = z.strictObject({
  ...base,
  type: z.literal('handoff'),
  team: z.string().min(1).max(64).optional(),
  note: templateSchema.optional().describe('For the person who takes over'),
  text: textSchema.optional(),
  resume: stepIdSchema.optional().describe('Where the flow goes on when the person is done; else the session ends'),
  timeout,
});

const endStep = z.strictObject({
  ...base,
  type: z.literal('end'),
  outcome: codeSchema.optional(),
  keep: z.array(variableNameSchema).max(50).optional().describe('Variables the next session starts with'),
});

export const stepSchema = z
  .discriminatedUnion('type', [
    messageStep,
    questionStep,
    decisionStep,
    actionStep,
    apiStep,
    setStep,
    waitStep,
    subflowStep,
    handoffStep,
    endStep,
  ])
  .meta({ id: 'FlowStep' });
export type Step = z.infer<typeof stepSchema>;
export type StepOf<T extends Step['type']> = Extract<Step, { type: T }>;
export type StepType = Step['type'];
