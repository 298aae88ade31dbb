/**
 * Keys of a schema's `meta` for the description of the API, which cannot read what a `refine` says: exactly one of these
 * members is given, or at least one of them.
 */
export const EXACTLY_ONE_OF = 'x-exactly-one-of';
export const AT_LEAST_ONE_OF = 'x-at-least-one-of';

export type ObjectSchema = {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly [member: string]: unknown;
};

/** The schema as a choice of objects, each with its own required members, as generators of clients understand it. */
export function spellOutChoice(schema: ObjectSchema): ObjectSchema {
  const { [EXACTLY_ONE_OF]: exactly, [AT_LEAST_ONE_OF]: atLeast, description, example, ...object } = schema;
  const about = { ...(description !== undefined && { description }), ...(example !== undefined && { example }) };
  if (isNames(exactly)) return { oneOf: exactly.map((name) => choosing(object, name, exactly)), ...about };
  if (isNames(atLeast)) return { anyOf: atLeast.map((name) => choosing(object, name, [])), ...about };
  return schema;
}

function choosing(object: ObjectSchema, chosen: string, alternatives: readonly string[]): ObjectSchema {
  const others = new Set(alternatives.filter((name) => name !== chosen));
  const properties = Object.entries(object.properties ?? {}).filter(([name]) => !others.has(name));
  return { ...object, properties: Object.fromEntries(properties), required: [...(object.required ?? []), chosen] };
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
