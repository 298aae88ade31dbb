import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { loadingCache } from '../platform/cache/loading-cache.js';
import { Clock } from '../platform/clock.js';
import { PathPool } from '../platform/database/path-pool.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ActionRegistry } from './action-registry.service.js';
import { actionSignatures } from './action-signatures.js';
import { compileFlow, type CompiledFlow } from './engine/compile.js';
import type { FlowDocument } from './engine/flow-document.js';
import type { FlowProblem } from './engine/flow-problem.js';
import { turn } from './engine/turn.js';
import type { TurnInput, TurnResult } from './engine/turn-types.js';
import { type FlowReport, validateFlow } from './engine/validate.js';
import { FlowArchivedError, FlowInvalidError, FlowNotFoundError, FlowVersionNotFoundError } from './flow.errors.js';
import { Flow } from './flow.entity.js';
import { FlowVersion } from './flow-version.entity.js';
import type { ListVersions } from './flows.dto.js';
import { findPublished, hasSubflows, pinSubflows, type PublishedFlow } from './published-flows.js';

export type { CompiledFlow } from './engine/compile.js';
export { isAwaitingEffect, isRunning, type SessionState } from './engine/session-state.js';
export type { Effect, TurnEvent, TurnInput, TurnResult } from './engine/turn-types.js';

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

type Report = { readonly problems: FlowProblem[]; readonly subflows: Readonly<Record<string, string>> };
/** A version ready to run, and the versions it calls, by key. */
type Loaded = { readonly flow: CompiledFlow; readonly subflows: Readonly<Record<string, string>> };

const NO_FLOWS: ReadonlyMap<string, PublishedFlow> = new Map();

const VERSION_SORTS: Readonly<Record<string, SortColumn>> = { number: { sql: 'version.number', type: 'bigint' } };

/** What customers meet: drafts become immutable versions here, and versions become turns. */
@Injectable()
export class FlowsService {
  private readonly loaded = loadingCache<Loaded>(MAX_COMPILED);

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
      const published = await this.callable(tx, tenantId, flow.draft);
      return { problems: [...this.inspect(flow, published).problems] };
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
      const published = await this.callable(tx, tenantId, flow.draft);
      const { problems, publishable } = this.inspect(flow, published);
      if (!publishable) throw new FlowInvalidError(problems);
      const { document, sha256 } = publishable;
      const report: Report = { problems: [...problems], subflows: pinSubflows(document, published) };
      const same = await tx.find(FlowVersion, { where: { tenantId, flowId, sha256 }, order: { number: 'DESC' } });
      const known = same.find((version) => isDeepStrictEqual((version.report as Report).subflows, report.subflows));
      if (known) return { version: toSummary(known), isNew: false };
      const last = (await tx.maximum(FlowVersion, 'number', { tenantId, flowId })) ?? 0;
      const version = {
        id: randomUUID(),
        tenantId,
        flowId,
        number: last + 1,
        sha256,
        document,
        report,
        note: note ?? null,
        publishedBy,
        publishedAt: this.clock.now(),
      };
      await tx.insert(FlowVersion, version);
      return { version: toSummary(version), isNew: true };
    });
  }

  /** @throws FlowNotFoundError */
  listVersions(tenantId: TenantId, flowId: string, page: ListVersions): Promise<Page<VersionSummary>> {
    return this.tenants.transaction(tenantId, async (tx) => {
      if (!(await tx.existsBy(Flow, { id: flowId, tenantId }))) throw new FlowNotFoundError(flowId);
      const query = tx
        .createQueryBuilder(FlowVersion, 'version')
        .where('version.tenantId = :tenantId and version.flowId = :flowId', { tenantId, flowId });
      const { items, nextCursor } = await sortedPage(query, page, VERSION_SORTS);
      return { items: items.map(toSummary), nextCursor };
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
        problems: (version.report as Report).problems,
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
  async loadCompiled(versionId: string): Promise<CompiledFlow> {
    return (await this.load(versionId)).flow;
  }

  /** The versions this one was published to call, and those they call: by key and by sha256, as a turn wants them. */
  async loadSubflows(versionId: string): Promise<ReadonlyMap<string, CompiledFlow>> {
    const found = new Map<string, CompiledFlow>();
    const open = [await this.load(versionId)];
    for (let next = open.pop(); next; next = open.pop()) {
      for (const [key, calledId] of Object.entries(next.subflows)) {
        const called = await this.load(calledId);
        if (!found.has(called.flow.sha256)) open.push(called);
        found.set(called.flow.sha256, called.flow);
        if (!found.has(key)) found.set(key, called.flow);
      }
    }
    return found;
  }

  /** One turn of the pure engine: no I/O, no clock of its own; the same input gives the same result. */
  runTurn(input: TurnInput): TurnResult {
    return turn(input);
  }

  /** What publishing a document that calls no other flow would say; every problem is told at once. */
  check(document: unknown): readonly FlowProblem[] {
    return validateFlow(document, { actions: actionSignatures(this.actions.list()) }).problems;
  }

  private load(versionId: string): Promise<Loaded> {
    return this.loaded.get(versionId, async () => {
      const sql = 'select document, report from flow_version where id = $1';
      const [row] = await this.path.query<{ document: FlowDocument; report: Report }>(sql, [versionId]);
      if (!row) throw new FlowVersionNotFoundError(versionId);
      return { flow: compileFlow(row.document), subflows: row.report.subflows };
    });
  }

  private inspect({ key, draft }: Flow, published: ReadonlyMap<string, PublishedFlow>): FlowReport {
    const flows = new Map([...published].map(([name, { document }]) => [name, document]));
    const report = validateFlow(draft, { actions: actionSignatures(this.actions.list()), flows });
    if ('flow' in draft && draft.flow === key) return report;
    const message = `must be the key of the flow, ${key}`;
    const problem: FlowProblem = { code: 'E101', severity: 'error', step: null, path: 'flow', message };
    return { problems: [problem, ...report.problems], publishable: null };
  }

  private async callable(tx: EntityManager, tenantId: TenantId, draft: object) {
    return hasSubflows(draft) ? findPublished(tx, tenantId) : NO_FLOWS;
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
