import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { instant } from '../platform/http/instant.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import type { AuditEntry } from './audit-entry.entity.js';

const KINDS = ['created', 'changed', 'deleted', 'requested'] as const;

export const listAuditSchema = pageQuerySchema.extend({
  sort: sortSchema(['at'], '-at'),
  actor: z
    .string()
    .regex(/^(user|key):[0-9a-f-]{36}$/, 'user: or key: and its id')
    .optional()
    .describe('user: or key: and its id'),
  action: z.string().max(120).optional().describe('The operation, such as Orders.move'),
  subjectType: z.string().max(60).optional().describe('Such as product, order, user'),
  subjectId: z.string().max(120).optional(),
  kind: z.enum(KINDS).optional(),
  requestId: z.string().max(64).optional(),
  from: instant.optional().describe('From then on'),
  to: instant.optional().describe('Before then'),
});
export type ListAudit = z.output<typeof listAuditSchema>;

const values = z.record(z.string(), z.unknown()).nullable();

export const auditEntryViewSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    actor: z.object({
      kind: z.enum(['user', 'key']),
      id: z.uuid(),
      name: z.string().nullable().describe('As it is now'),
    }),
    action: z.string().describe('The operation as this document names it, such as Orders.move'),
    kind: z.enum(KINDS).describe('requested: it was done and left no record of a business thing behind'),
    subjectType: z.string(),
    subjectId: z.string().nullable(),
    before: values.describe('What changed, as it was; secrets are hidden, long values are told by their size and MD5'),
    after: values.describe('What changed, as it became'),
    changeId: z.uuid().describe('Of all entries of one request'),
    requestId: z.string().nullable().describe('The x-request-id of its answer'),
  })
  .meta({
    id: 'AuditEntry',
    example: {
      id: 'b4a7c1d2-3e4f-4a5b-8c6d-7e8f90a1b2c3',
      at: '2026-03-04T09:30:00.000Z',
      actor: { kind: 'user', id: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b', name: 'Lucía Ramos' },
      action: 'Products.change',
      kind: 'changed',
      subjectType: 'product',
      subjectId: '4a5b6c7d-8e9f-4a0b-9c1d-2e3f4a5b6c7d',
      before: { priceMinor: 18_900 },
      after: { priceMinor: 19_900 },
      changeId: 'c5b8d2e3-4f50-4b6c-9d7e-8f90a1b2c3d4',
      requestId: '6f1d2c3b-8a47-4c55-9a0e-2f4d7c1b9e10',
    },
  });
export type AuditEntryView = z.output<typeof auditEntryViewSchema>;
export const auditPageSchema = pageSchema(auditEntryViewSchema).meta({ id: 'AuditPage' });

export function toAuditEntryView(entry: AuditEntry, names: ReadonlyMap<string, string>): AuditEntryView {
  const [kind, id = ''] = entry.actor.split(':');
  return {
    id: entry.id,
    at: entry.createdAt.toISOString(),
    actor: { kind: kind === 'key' ? 'key' : 'user', id, name: names.get(id) ?? null },
    action: entry.action,
    kind: entry.kind,
    subjectType: entry.subjectType,
    subjectId: entry.subjectId,
    before: entry.before && inCamelCase(entry.before),
    after: entry.after && inCamelCase(entry.after),
    changeId: entry.changeId,
    requestId: entry.requestId,
  };
}

/** Columns as the API names them. */
function inCamelCase(columns: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(columns).map(([name, value]) => [
    name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
