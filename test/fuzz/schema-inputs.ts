import fc from 'fast-check';
import type { DescribedApi, JsonSchema } from '../answers/described-api.js';

/** Stands in an input for the id of a row, put in when the request is made: ids differ from run to run. */
export const rowOf = (key: string): string => `row:${key}`;

const COLLECTIONS: Readonly<Record<string, string>> = {
  botId: '/api/bots/*',
  categoryId: '/api/product-categories/*',
  contactId: '/api/contacts/*',
  mediaId: '/api/media/*',
  productId: '/api/products/*',
  sellerId: '/api/sellers/*',
  userId: '/api/users/*',
  versionId: 'versionId',
};

const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });

/** Values the schema allows, its bounds often. `name`: of the member, which tells whose id it is. */
export function validFor(api: DescribedApi, given: JsonSchema, name = ''): fc.Arbitrary<unknown> {
  const schema = api.resolve(given);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => validFor(api, choice, name)));
  if (schema.allOf?.[0]) return validFor(api, schema.allOf[0], name);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => ofType(api, schema, type, name)));
}

function ofType(api: DescribedApi, schema: JsonSchema, type: string, name: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return integer(schema);
    case 'number':
      return fc.double({ min: schema.minimum, max: schema.maximum, noNaN: true, noDefaultInfinity: true });
    case 'array':
      return fc.array(validFor(api, schema.items ?? {}, name.replace(/s$/, '')), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, Math.max(schema.minItems ?? 0, 4)),
      });
    case 'object':
      return object(api, schema);
    default:
      return text(schema, name);
  }
}

function integer({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? (exclusiveMinimum ?? Number.MIN_SAFE_INTEGER) + 1, Number.MIN_SAFE_INTEGER);
  const max = Math.min(maximum ?? (exclusiveMaximum ?? Number.MAX_SAFE_INTEGER) - 1, Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max: Math.min(max, min + 1000) }));
}

function text({ format, pattern, minLength = 0, maxLength = 60 }: JsonSchema, name: string): fc.Arbitrary<string> {
  switch (format) {
    case 'uuid':
      return fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(rowOf(COLLECTIONS[name] ?? '/api/bots/*')) },
        { weight: 1, arbitrary: fc.uuid() },
      );
    case 'date-time':
      return date.map((at) => at.toISOString());
    case 'date':
      return date.map((at) => at.toISOString().slice(0, 10));
    case 'email':
      return fc.stringMatching(/^[a-z]{1,12}@[a-z]{1,12}\.test$/);
    case 'uri':
      return fc.webUrl({ validSchemes: ['https'] });
    default:
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const length = { minLength, maxLength: Math.min(maxLength, Math.max(minLength, 200)) };
  return fc.oneof(fc.string({ ...length, unit: 'grapheme' }), atLength(minLength), atLength(Math.min(maxLength, 5000)));
}

function atLength(length: number): fc.Arbitrary<string> {
  return fc.constant('x'.repeat(length));
}

function object(api: DescribedApi, { properties = {}, required = [], additionalProperties }: JsonSchema) {
  const members = fc.record(
    Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, validFor(api, schema, key)])),
    { requiredKeys: [...required], noNullPrototype: true },
  );
  if (typeof additionalProperties !== 'object') return members;
  const extra = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), validFor(api, additionalProperties), { maxKeys: 3 });
  return fc.tuple(extra, members).map(([more, own]) => ({ ...more, ...own }));
}
