import type { DescribedApi, JsonSchema, Operation } from './described-api.js';
import type { Rows } from './rows.js';

/** Whose id a member of a body is, by its name. */
export const COLLECTIONS: Readonly<Record<string, string>> = {
  bot_id: '/api/bots/*',
  botId: '/api/bots/*',
  categoryId: '/api/product-categories/*',
  contactId: '/api/contacts/*',
  mediaId: '/api/media/*',
  productId: '/api/products/*/variants/*',
  sellerId: '/api/sellers/*',
  userId: '/api/users/*',
  versionId: 'versionId',
};

/** What the schema does not tell. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /api/bots/{botId}/connections': { provider: 'simulator', credentials: {} },
  'POST /api/bots/{id}/simulator/messages': { text: 'hola' },
  'POST /api/conversations/{id}/messages': { text: 'hola' },
  'POST /send': { message: 'hola' },
};

/** The least body that the operation takes, with rows of this shop in it; undefined when it takes none. */
export function fittingBody(
  api: DescribedApi,
  { name, body }: Operation,
  rows: Rows,
): Record<string, unknown> | undefined {
  const schema = body?.['application/json']?.schema;
  if (!schema) return undefined;
  return { ...(leastOf(api, schema, rows, '') as Record<string, unknown>), ...MEMBERS[name] };
}

function leastOf(api: DescribedApi, given: JsonSchema, rows: Rows, name: string): unknown {
  const schema = api.resolve(given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
  if (choice) return leastOf(api, choice, rows, name);
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, leastOf(api, schema.properties?.[key] ?? {}, rows, key)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => leastOf(api, schema.items ?? {}, rows, name));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return leastText(schema, rows, name);
    default:
      return null;
  }
}

/** In the order in which they are tried against a pattern. */
const TEXTS = ['abcdefgh', '+5215512345678', 'ABC', '1', 'a'.repeat(64), '2026-01-01', '09:00'];

function leastText(schema: JsonSchema, rows: Rows, name: string): string {
  if (schema.format === 'uuid') return rows[COLLECTIONS[name] ?? '/api/bots/*'] ?? '';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  if (schema.format === 'email') return 'alguien@tienda.test';
  if (schema.format === 'uri') return 'https://example.com/';
  const pattern = new RegExp(schema.pattern ?? '');
  const found = TEXTS.find((text) => pattern.test(text));
  if (found === undefined) throw new Error(`No text for ${name}: ${schema.pattern}`);
  return found.padEnd(schema.minLength ?? 0, 'x').slice(0, schema.maxLength);
}
