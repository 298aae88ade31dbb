import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { PathPool } from '../platform/database/path-pool.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ActionRegistry } from './action-registry.service.js';
import { actionSignatures } from './action-signatures.js';
import { compileFlow, type CompiledFlow } from './engine/compile.js';
import type { FlowDocument } from './engine/flow-document.js';
import { flowSha256 } from './engine/flow-hash.js';
import type { FlowProblem } from './engine/flow-problem.js';
import { validateFlow } from './engine/validate.js';
import { FlowArchivedError, FlowInvalidError, FlowNotFoundError, FlowVersionNotFoundError } from './flow.errors.js';
import { Flow } from './flow.entity.js';
import { FlowVersion } from './flow-version.entity.js';
import { VersionCache } from './version-cache.js';

const MAX_COMPILED = 500;

export type VersionSummary = {
  id: string;
  flowId: string;
  number: number;
  sha256: string;
  note: string | null;
  publishedBy: string | null;
  publishedAt: string;
};
export type VersionView = VersionSummary & { document: Record<string, unknown>; problems: FlowProblem[] };

/** What customers meet: drafts become immutable versions here, and versions become turns. */
@Injectable()
export class FlowsService {
  private readonly compiled = new VersionCache<CompiledFlow>(MAX_COMPILED);

  constructor(
    private readonly tenants: TenantDatabase,
    private readonly path: PathPool,
    private readonly actions: ActionRegistry,
    private readonly clock: Clock,
  ) {}

  /** @throws FlowNotFoundError */
  validateDraft(tenantId: TenantId, flowId: string): Promise<{ problems: FlowProblem[] }> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const flow = await tx.findOneBy(Flow, { id: flowId, tenantId });
      if (!flow) throw new FlowNotFoundError(flowId);
      return { problems: this.check(flow.draft) };
    });
  }

  /**
   * Makes a version of the draft. The same content twice is one version: the second answer is the first one's, so a
   * repeated request is harmless.
   *
   * @throws FlowInvalidError an error among the problems; FlowNotFoundError, FlowArchivedError
   */
  publish(
    tenantId: TenantId,
    flowId: string,
    { note, publishedBy }: { note?: string | undefined; publishedBy: string | null },
  ): Promise<{ version: VersionSummary; isNew: boolean }> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const flow = await tx.findOne(Flow, { where: { id: flowId, tenantId }, lock: { mode: 'pessimistic_write' } });
      if (!flow) throw new FlowNotFoundError(flowId);
      if (flow.isArchived) throw new FlowArchivedError(flow.key);
      const problems = this.check(flow.draft);
      if (problems.some(({ severity }) => severity === 'error')) throw new FlowInvalidError(problems);
      const sha256 = flowSha256(flow.draft);
      const same = await tx.findOneBy(FlowVersion, { tenantId, flowId, sha256 });
      if (same) return { version: toSummary(same), isNew: false };
      const last = (await tx.maximum(FlowVersion, 'number', { tenantId, flowId })) ?? 0;
      const version = {
        id: randomUUID(),
        tenantId,
        flowId,
        number: last + 1,
        sha256,
        document: flow.draft,
        report: { problems },
        note: note ?? null,
        publishedBy,
        publishedAt: this.clock.now(),
      };
      await tx.insert(FlowVersion, version);
      return { version: toSummary(version), isNew: true };
    });
  }

  /** Newest first. @throws FlowNotFoundError */
  listVersions(tenantId: TenantId, flowId: string, { limit, cursor }: PageQuery): Promise<Page<VersionSummary>> {
    return this.tenants.transaction(tenantId, async (tx) => {
      if (!(await tx.existsBy(Flow, { id: flowId, tenantId }))) throw new FlowNotFoundError(flowId);
      const query = tx
        .createQueryBuilder(FlowVersion, 'version')
        .where('version.tenantId = :tenantId and version.flowId = :flowId', { tenantId, flowId })
        .orderBy('version.number', 'DESC')
        .limit(limit + 1);
      if (cursor) query.andWhere('version.number < :before', { before: Number(decodeCursor(cursor)[0]) });
      return toPage((await query.getMany()).map(toSummary), limit, ({ number }) => [number]);
    });
  }

  /** @throws FlowVersionNotFoundError no such number, no such flow, or another tenant's */
  getVersion(tenantId: TenantId, flowId: string, number: number): Promise<VersionView> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const version = await tx.findOneBy(FlowVersion, { tenantId, flowId, number });
      if (!version) throw new FlowVersionNotFoundError(number);
      return {
        ...toSummary(version),
        document: version.document as Record<string, unknown>,
        problems: (version.report as { problems: FlowProblem[] }).problems,
      };
    });
  }

  /** For who points at a version, such as a bot: null when this tenant has none of that id. */
  async findVersion(tx: EntityManager, tenantId: TenantId, versionId: string): Promise<VersionSummary | null> {
    const version = await tx.findOneBy(FlowVersion, { id: versionId, tenantId });
    return version && toSummary(version);
  }

  /**
   * For the message path, across tenants: the caller got the id from the conversation or its bot. Compiled once per
   * process, because a version never changes.
   *
   * @throws FlowVersionNotFoundError
   */
  loadCompiled(versionId: string): Promise<CompiledFlow> {
    return this.compiled.get(versionId, async () => {
      const rows = await this.path.query<{ document: FlowDocument }>(
        'select document from flow_version where id = $1',
        [versionId],
      );
      const row = rows[0];
      if (!row) throw new FlowVersionNotFoundError(versionId);
      return compileFlow(row.document);
    });
  }

  /** What publishing would say of it; any JSON may be asked about, and every problem is told at once. */
  check(document: unknown): FlowProblem[] {
    return [...validateFlow(document, { actions: actionSignatures(this.actions.list()) }).problems];
  }
}

function toSummary(version: Omit<FlowVersion, 'report' | 'document'>): VersionSummary {
  return {
    id: version.id,
    flowId: version.flowId,
    number: version.number,
    sha256: version.sha256,
    note: version.note,
    publishedBy: version.publishedBy,
    publishedAt: version.publishedAt.toISOString(),
  };
}
