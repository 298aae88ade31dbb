import { z } from 'zod';
import { stepIdSchema } from './names.js';
import { expressionSchema, textSchema } from './values.js';

const isoDate = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, 'must be a date such as 2030-12-31');
const clockTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time such as 09:30');

/** What every answer type accepts. */
const common = {
  skip: z
    .array(z.string().min(1).max(40))
    .min(1)
    .max(20)
    .optional()
    .describe('Words that skip the question: the variable goes back to its default and the flow to `next`'),
  check: expressionSchema.optional().describe('Must be true of `answer`'),
  error: textSchema.optional().describe('Said when `check` is false; else the retry text'),
};

export const staticOptionSchema = z
  .strictObject({
    id: z.string().min(1).max(200).describe('Comes back when the customer taps'),
    title: textSchema,
    description: textSchema.optional(),
    value: z
      .union([z.string().max(1000), z.number(), z.boolean()])
      .optional()
      .describe('What is saved; else the id'),
    go: stepIdSchema.optional().describe('Where this option leads; else `next`'),
  })
  .meta({ id: 'FlowOption' });
export type StaticOption = z.infer<typeof staticOptionSchema>;

const optionList = {
  options: z.array(staticOptionSchema).min(1).max(50).optional(),
  from: expressionSchema.optional().describe('A list; `item` and `index` are each of its elements'),
  option: z
    .strictObject({
      id: expressionSchema,
      title: expressionSchema,
      description: expressionSchema.optional(),
      value: expressionSchema.optional(),
    })
    .optional()
    .describe('How an element of `from` becomes an option; the value is `item` unless said'),
};

type OptionSource = { options?: unknown; from?: unknown; option?: unknown };
const ONE_SOURCE = 'needs either `options`, or `from` with `option`';
const hasOneSource = ({ options, from, option }: OptionSource) =>
  options ? !from && !option : Boolean(from) && Boolean(option);
const isOrdered = ({ min, max }: { min?: number | string; max?: number | string }) =>
  min === undefined || max === undefined || min <= max;
const ORDERED = { error: '`min` must not be above `max`' };

const type = <T extends string>(name: T) => z.literal(name);

export const answerSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: type('text'),
      min_len: z.int().min(0).max(4096).optional(),
      max_len: z.int().min(1).max(4096).optional(),
      pattern: z.string().min(1).max(200).optional().describe('RE2 pattern for the whole text'),
      ...common,
    }),
    z
      .strictObject({
        type: type('number'),
        integer: z.boolean().optional(),
        min: z.number().optional(),
        max: z.number().optional(),
        ...common,
      })
      .refine(isOrdered, ORDERED),
    z.strictObject({ type: type('email'), ...common }),
    z.strictObject({
      type: type('phone'),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/, 'must be a two-letter country')
        .optional()
        .describe("For numbers without a country code; else the contact's country"),
      ...common,
    }),
    z
      .strictObject({
        type: type('date'),
        min: isoDate.optional(),
        max: isoDate.optional(),
        past_ok: z.boolean().optional(),
        ...common,
      })
      .refine(isOrdered, ORDERED),
    z
      .strictObject({ type: type('time'), min: clockTime.optional(), max: clockTime.optional(), ...common })
      .refine(isOrdered, ORDERED),
    z.strictObject({ type: type('yes_no'), ...common }),
    z
      .strictObject({ type: type('choice'), ...optionList, button: textSchema.optional(), ...common })
      .refine(hasOneSource, ONE_SOURCE),
    z
      .strictObject({
        type: type('multi_choice'),
        ...optionList,
        min: z.int().min(1).max(50).optional(),
        max: z.int().min(1).max(50).optional(),
        ...common,
      })
      .refine(hasOneSource, ONE_SOURCE)
      .refine(isOrdered, ORDERED),
    z.strictObject({ type: type('location'), ...common }),
    z.strictObject({
      type: type('media'),
      kinds: z
        .array(z.enum(['image', 'video', 'audio', 'document', 'sticker']))
        .min(1)
        .optional(),
      ...common,
    }),
    z.strictObject({ type: type('contact'), ...common }),
    z.strictObject({ type: type('order'), ...common }),
    z.strictObject({ type: type('form'), ...common }),
    z.strictObject({ type: type('any'), ...common }),
  ])
  .meta({ id: 'FlowAnswer' });
export type Answer = z.infer<typeof answerSchema>;
export type AnswerOf<T extends Answer['type']> = Extract<Answer, { type: T }>;
export type ChoiceAnswer = AnswerOf<'choice'> | AnswerOf<'multi_choice'>;
