import { z } from 'zod';
import { isTimeZone } from '../../platform/time-zone.js';
import { flowKeySchema, localeSchema, stepIdSchema, variableNameSchema } from './document/names.js';
import { stepSchema } from './document/step-types.js';
import { expressionSchema } from './document/values.js';

export const VARIABLE_TYPES = ['string', 'int', 'double', 'bool', 'list', 'map'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

const variableSchema = z
  .strictObject({
    type: z.enum(VARIABLE_TYPES),
    default: z.json().optional().describe("Else the type's zero: '', 0, false, [] or {}"),
    pii: z.boolean().optional().describe('Personal data: kept out of notes, addresses and logs'),
  })
  .meta({ id: 'FlowVariable' });
export type Variable = z.infer<typeof variableSchema>;

const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone such as America/Bogota')
  .describe('IANA name; dates and times are read and written in it');

/** Everything around the steps. No key has a default: what is stored is what was written, so its hash is stable. */
export const flowHeaderShape = {
  dsl: z.literal(1),
  flow: flowKeySchema,
  locales: z.array(localeSchema).min(1).max(10).describe('The first is the default'),
  time_zone: timeZoneSchema.optional(),
  vars: z.record(variableNameSchema, variableSchema).optional(),
  limits: z
    .strictObject({
      steps_per_turn: z.int().min(1).max(60).optional(),
      messages_per_turn: z.int().min(1).max(8).optional(),
    })
    .optional(),
  anytime: z
    .array(z.strictObject({ match: z.array(z.string().min(1).max(40)).min(1).max(50), go: stepIdSchema }))
    .max(50)
    .optional()
    .describe('Words looked at before the pending question; case and accents do not matter, the whole text does'),
  events: z
    .array(z.strictObject({ event: z.string().min(1).max(100), where: expressionSchema.optional(), go: stepIdSchema }))
    .max(50)
    .optional()
    .describe('Where an event leads that no `wait` step is waiting for; it also starts a session'),
  start: stepIdSchema,
};

export const MAX_STEPS = 500;

export const flowDocumentSchema = z
  .strictObject({ ...flowHeaderShape, steps: z.array(stepSchema).min(1).max(MAX_STEPS) })
  .meta({ id: 'FlowDocument', title: 'Flow document, language version 1' });
export type FlowDocument = z.infer<typeof flowDocumentSchema>;
