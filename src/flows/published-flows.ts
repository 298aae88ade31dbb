import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { FlowDocument } from './engine/flow-document.js';

export type PublishedFlow = { readonly versionId: string; readonly document: FlowDocument };

/** Whether the draft calls other flows at all; it may be wrong anywhere. */
export function hasSubflows(draft: object): boolean {
  if (!('steps' in draft) || !Array.isArray(draft.steps)) return false;
  return draft.steps.some((step: unknown) => isStep(step) && step.type === 'subflow');
}

function isStep(step: unknown): step is { type: unknown } {
  return typeof step === 'object' && step !== null && 'type' in step;
}

/** The newest version of each of the tenant's flows that is not archived, by key. */
export async function findPublished(
  tx: EntityManager,
  tenantId: TenantId,
): Promise<ReadonlyMap<string, PublishedFlow>> {
  const rows: { key: string; version_id: string; document: FlowDocument }[] = await tx.query(
    `select distinct on (f.key) f.key, v.id as version_id, v.document
     from flow f join flow_version v on v.flow_id = f.id
     where f.tenant_id = $1 and not f.is_archived order by f.key, v.number desc`,
    [tenantId],
  );
  return new Map(rows.map(({ key, version_id: versionId, document }) => [key, { versionId, document }]));
}

/** The versions a document's subflow steps call from now on, by key: a published flow stays on them (INV-9). */
export function pinSubflows(
  { steps }: FlowDocument,
  published: ReadonlyMap<string, PublishedFlow>,
): Readonly<Record<string, string>> {
  const called = steps.flatMap((step) => (step.type === 'subflow' ? [step.flow] : []));
  const pins = [...new Set(called)].toSorted().map((key) => [key, published.get(key)?.versionId] as const);
  return Object.fromEntries(pins.filter((pin): pin is readonly [string, string] => pin[1] !== undefined));
}
