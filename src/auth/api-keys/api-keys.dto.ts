import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';
import { KEY_PERMISSIONS } from '../permissions.js';
import type { ApiKey } from './api-key.entity.js';

export const listApiKeysSchema = pageQuerySchema.extend({ sort: sortSchema(['createdAt', 'name'], '-createdAt') });
export type ListApiKeys = z.output<typeof listApiKeysSchema>;

export const createApiKeySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(120).describe('Which program will use it'),
    permissions: z.array(z.enum(KEY_PERMISSIONS)).min(1).max(KEY_PERMISSIONS.length),
    expiresInDays: z.int().min(1).max(365).default(90),
  })
  .meta({ id: 'CreateApiKey', examples: [{ name: 'Web shop', permissions: ['messages:send'], expiresInDays: 365 }] });
export type CreateApiKey = z.output<typeof createApiKeySchema>;

export const apiKeyViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe('How the key begins, to recognise it'),
    permissions: z.array(z.string()),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().describe('To the minute'),
    createdBy: z.uuid().describe('The user who made it'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.output<typeof apiKeyViewSchema>;
export const apiKeyPageSchema = pageSchema(apiKeyViewSchema).meta({ id: 'ApiKeyPage' });

export const newApiKeySchema = apiKeyViewSchema
  .extend({ key: z.string().describe('For Authorization: Bearer. Shown here and never again') })
  .meta({ id: 'NewApiKey' });
export type NewApiKey = z.output<typeof newApiKeySchema>;

export function toApiKeyView(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    permissions: key.permissions,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
  };
}
