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

const EXAMPLE = {
  id: '3c7f4ac7-b53a-4085-974c-2bbc7e710d57',
  name: 'Web shop',
  prefix: 'dok_3c7f4ac7',
  permissions: ['messages:send'],
  expiresAt: '2027-03-02T15:04:05.000Z',
  revokedAt: null,
  lastUsedAt: '2026-03-04T09:30:00.000Z',
  createdBy: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  createdAt: '2026-03-02T15:04:05.000Z',
};

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
  .meta({ id: 'ApiKey', example: EXAMPLE });
export type ApiKeyView = z.output<typeof apiKeyViewSchema>;
export const apiKeyPageSchema = pageSchema(apiKeyViewSchema).meta({ id: 'ApiKeyPage' });

export const newApiKeySchema = apiKeyViewSchema
  .extend({ key: z.string().describe('For Authorization: Bearer. Shown here and never again') })
  .meta({
    id: 'NewApiKey',
    example: { ...EXAMPLE, key: 'dok_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU' },
  });
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
