import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { FlowArchivedError, FlowDraftTooLargeError, FlowKeyTakenError, FlowNotFoundError } from './flow.errors.js';
import { Flow } from './flow.entity.js';
import { type ChangeFlow, type CreateFlow, type ListFlows, MAX_DRAFT_BYTES } from './flows.dto.js';

export type FlowView = {
  id: string;
  key: string;
  title: string;
  isArchived: boolean;
  draftRevision: number;
  createdAt: string;
  updatedAt: string;
};
export type DraftView = { flowId: string; draftRevision: number; draft: Record<string, unknown>; updatedAt: string };

const SORTS: Readonly<Record<string, SortColumn>> = {
  key: { sql: 'flow.key', type: 'text' },
  title: { sql: 'lower(flow.title)', type: 'text' },
  createdAt: { sql: 'flow.created_at', type: 'timestamptz' },
  updatedAt: { sql: 'flow.updated_at', type: 'timestamptz' },
};

/** The editable side of flows. What customers meet are versions: FlowsService. */
@Injectable()
export class FlowDraftsService {
  constructor(
    private readonly tenants: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, { archived, ...page }: ListFlows): Promise<Page<FlowView>> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const query = tx
        .createQueryBuilder(Flow, 'flow')
        .where('flow.tenantId = :tenantId and flow.isArchived = :archived', { tenantId, archived });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map(toFlowView), nextCursor };
    });
  }

  /** @throws FlowNotFoundError */
  get(tenantId: TenantId, id: string): Promise<FlowView> {
    return this.tenants.transaction(tenantId, async (tx) => toFlowView(await this.load(tx, tenantId, id)));
  }

  /** @throws FlowKeyTakenError, FlowDraftTooLargeError */
  async create(tenantId: TenantId, { key, title, draft }: CreateFlow): Promise<FlowView> {
    assertSize(draft);
    const now = this.clock.now();
    const flow = { id: randomUUID(), tenantId, key, title, draft, draftRevision: 1, isArchived: false };
    return this.tenants.transaction(tenantId, async (tx) => {
      const { raw } = await tx
        .createQueryBuilder()
        .insert()
        .into(Flow)
        .values({ ...flow, createdAt: now, updatedAt: now })
        .orIgnore()
        .returning('id')
        .execute();
      if (!Array.isArray(raw) || raw.length === 0) throw new FlowKeyTakenError(key);
      return toFlowView({ ...flow, createdAt: now, updatedAt: now });
    });
  }

  /** Title and archiving; the draft keeps its revision. @throws FlowNotFoundError */
  change(tenantId: TenantId, id: string, { title, isArchived }: ChangeFlow): Promise<FlowView> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const flow = await this.load(tx, tenantId, id, 'locked');
      if (title !== undefined) flow.title = title;
      if (isArchived !== undefined) flow.isArchived = isArchived;
      flow.updatedAt = this.clock.now();
      return toFlowView(await tx.save(flow));
    });
  }

  /** @throws FlowNotFoundError */
  getDraft(tenantId: TenantId, id: string): Promise<DraftView> {
    return this.tenants.transaction(tenantId, async (tx) => toDraftView(await this.load(tx, tenantId, id)));
  }

  /**
   * Saves the draft as it is, right or not; the checks are validate's and publish's.
   *
   * @param ifMatch the draft's ETag, when the caller wants to be told of another's edit
   * @throws FlowNotFoundError, FlowArchivedError, FlowDraftTooLargeError; AppError 412 someone saved in between
   */
  async putDraft(
    tenantId: TenantId,
    id: string,
    draft: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<DraftView> {
    assertSize(draft);
    return this.tenants.transaction(tenantId, async (tx) => {
      const flow = await this.load(tx, tenantId, id, 'locked');
      if (flow.isArchived) throw new FlowArchivedError(flow.key);
      assertRevision(ifMatch, flow.draftRevision);
      flow.draft = draft;
      flow.draftRevision += 1;
      flow.updatedAt = this.clock.now();
      return toDraftView(await tx.save(flow));
    });
  }

  private async load(tx: EntityManager, tenantId: TenantId, id: string, mode?: 'locked'): Promise<Flow> {
    const lock = mode ? { lock: { mode: 'pessimistic_write' as const } } : {};
    const flow = await tx.findOne(Flow, { where: { id, tenantId }, ...lock });
    if (!flow) throw new FlowNotFoundError(id);
    return flow;
  }
}

function assertSize(draft: object): void {
  if (Buffer.byteLength(JSON.stringify(draft)) > MAX_DRAFT_BYTES) throw new FlowDraftTooLargeError(MAX_DRAFT_BYTES);
}

function toFlowView(flow: Omit<Flow, 'draft'>): FlowView {
  return {
    id: flow.id,
    key: flow.key,
    title: flow.title,
    isArchived: flow.isArchived,
    draftRevision: flow.draftRevision,
    createdAt: flow.createdAt.toISOString(),
    updatedAt: flow.updatedAt.toISOString(),
  };
}

function toDraftView(flow: Flow): DraftView {
  return {
    flowId: flow.id,
    draftRevision: flow.draftRevision,
    draft: flow.draft as Record<string, unknown>,
    updatedAt: flow.updatedAt.toISOString(),
  };
}
