import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { InvalidInputError } from '../../platform/errors/app-error.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { FieldType } from './contact-fields.dto.js';

export type FieldValue = string | number | boolean;
/** By key; null clears. */
export type GivenFields = Readonly<Record<string, FieldValue | null>>;

type Definition = { readonly key: string; readonly type: FieldType; readonly options: readonly string[] };

/**
 * What a contact's own fields are after a change; keys that are not given stay.
 *
 * @throws InvalidInputError a key the tenant has not defined, or a value that is not of its type; names each
 */
export async function applyFields(
  tx: EntityManager,
  tenantId: TenantId,
  before: Readonly<Record<string, FieldValue>>,
  given: GivenFields,
): Promise<Record<string, FieldValue>> {
  const definitions: Definition[] = await tx.query(
    'select key, type, options from contact_field where tenant_id = $1 and key = any($2::text[])',
    [tenantId, Object.keys(given)],
  );
  const byKey = new Map(definitions.map((definition) => [definition.key, definition]));
  const after = new Map(Object.entries(before));
  const problems: { field: string; message: string }[] = [];
  for (const [key, value] of Object.entries(given)) {
    const definition = byKey.get(key);
    const message = definition ? problemOf(definition, value) : 'The shop has no such field';
    if (message !== null) problems.push({ field: `fields.${key}`, message });
    else if (value === null) after.delete(key);
    else after.set(key, value);
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return Object.fromEntries(after);
}

const SCHEMAS: Readonly<Record<Exclude<FieldType, 'choice'>, z.ZodType>> = {
  text: z.string().min(1).max(500),
  number: z.number(),
  boolean: z.boolean(),
  date: z.iso.date(),
};

function problemOf({ type, options }: Definition, value: FieldValue | null): string | null {
  if (value === null) return null;
  if (type === 'choice') return options.includes(String(value)) ? null : `One of ${options.join(', ')}`;
  const parsed = SCHEMAS[type].safeParse(value);
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'Not valid');
}
