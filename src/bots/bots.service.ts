import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { FlowVersionNotFoundError } from '../flows/flow.errors.js';
import { FlowsService } from '../flows/flows.service.js';
import { loadingCache } from '../platform/cache/loading-cache.js';
import { Clock } from '../platform/clock.js';
import { isStillReferenced } from '../platform/database/constraint-violation.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Bot } from './bot.entity.js';
import type { ChangeBot, CreateBot, ListBots, WindowTemplate } from './bots.dto.js';
import { BotInUseError, BotNotFoundError } from './bots.errors.js';

/** What the message path needs to know before it lets a bot answer. */
export type BotSettings = Pick<
  BotView,
  'locale' | 'isActive' | 'activeVersionId' | 'lateAfterMs' | 'quietMs' | 'readReceipts'
>;

export type BotView = {
  id: string;
  name: string;
  locale: 'es' | 'en' | 'pt';
  isActive: boolean;
  activeVersionId: string | null;
  lateAfterMs: number;
  latePolicy: 'answer_if_last' | 'hand_over';
  quietMs: number;
  failover: 'same_number' | 'any_number';
  readReceipts: boolean;
  echoHandsOver: boolean;
  windowTemplate: WindowTemplate | null;
  revision: number;
  createdAt: string;
  updatedAt: string;
};

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 'b.created_at', type: 'timestamptz' },
  name: { sql: 'lower(b.name)', type: 'text' },
};
const SETTINGS_LIFE_MS = 5000;
const MAX_SETTINGS = 10_000;

@Injectable()
export class BotsService {
  private readonly settings = loadingCache<BotSettings>(MAX_SETTINGS, SETTINGS_LIFE_MS);

  constructor(
    private readonly db: TenantDatabase,
    private readonly flows: FlowsService,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, page: ListBots): Promise<Page<BotView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const { items, nextCursor } = await sortedPage(tx.createQueryBuilder(Bot, 'b').where({ tenantId }), page, SORTS);
      return { items: items.map(toBotView), nextCursor };
    });
  }

  /** @throws BotNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<BotView> {
    return this.db.transaction(tenantId, (tx) => this.getIn(tx, tenantId, id));
  }

  /** @throws BotNotFoundError unknown id, or another tenant's */
  async getIn(tx: EntityManager, tenantId: TenantId, id: string): Promise<BotView> {
    return toBotView(await load(tx, tenantId, id));
  }

  /**
   * At most 5 s old; at once in the process that changed it.
   *
   * @throws BotNotFoundError unknown id, or another tenant's
   */
  settingsOf(tenantId: TenantId, id: string): Promise<BotSettings> {
    return this.settings.get(`${tenantId} ${id}`, async () => {
      const { locale, isActive, activeVersionId, lateAfterMs, quietMs, readReceipts } = await this.get(tenantId, id);
      return { locale, isActive, activeVersionId, lateAfterMs, quietMs, readReceipts };
    });
  }

  create(tenantId: TenantId, fields: CreateBot): Promise<BotView> {
    const now = this.clock.now();
    return this.db.transaction(tenantId, async (tx) => {
      const id = randomUUID();
      await tx.insert(Bot, { id, tenantId, ...fields, createdAt: now, updatedAt: now });
      return this.getIn(tx, tenantId, id);
    });
  }

  /**
   * @param ifMatch the revision the caller read, in quotes; absent means whatever it is now
   * @throws RevisionMismatchError somebody was faster
   */
  change(tenantId: TenantId, id: string, fields: ChangeBot, ifMatch?: string): Promise<BotView> {
    return this.edit(tenantId, id, ifMatch, async () => fields);
  }

  /**
   * From now on new conversations begin on this version; running ones finish on theirs (INV-9).
   *
   * @throws FlowVersionNotFoundError no such version, or another tenant's
   */
  activate(tenantId: TenantId, id: string, versionId: string, ifMatch?: string): Promise<BotView> {
    return this.edit(tenantId, id, ifMatch, async (tx) => {
      const version = await this.flows.findVersion(tx, tenantId, versionId);
      if (!version) throw new FlowVersionNotFoundError(versionId);
      return { activeVersionId: version.id };
    });
  }

  /** @throws BotInUseError something points at it, so its history would be lost */
  async delete(tenantId: TenantId, id: string, ifMatch?: string): Promise<void> {
    try {
      await this.db.transaction(tenantId, async (tx) => {
        const bot = await load(tx, tenantId, id, 'locked');
        assertRevision(ifMatch, bot.revision);
        await tx.delete(Bot, { id, tenantId });
      });
    } catch (error) {
      if (isStillReferenced(error)) throw new BotInUseError({ cause: error });
      throw error;
    }
    this.settings.clear();
  }

  private async edit(
    tenantId: TenantId,
    id: string,
    ifMatch: string | undefined,
    fieldsFor: (tx: EntityManager) => Promise<Partial<Bot>>,
  ): Promise<BotView> {
    const view = await this.db.transaction(tenantId, async (tx) => {
      const bot = await load(tx, tenantId, id, 'locked');
      assertRevision(ifMatch, bot.revision);
      const fields = await fieldsFor(tx);
      await tx.update(Bot, { id, tenantId }, { ...fields, revision: bot.revision + 1, updatedAt: this.clock.now() });
      return this.getIn(tx, tenantId, id);
    });
    this.settings.clear();
    return view;
  }
}

async function load(tx: EntityManager, tenantId: TenantId, id: string, mode?: 'locked'): Promise<Bot> {
  const lock = mode ? ({ mode: 'pessimistic_write' } as const) : undefined;
  const bot = await tx.findOne(Bot, { where: { id, tenantId }, lock });
  if (!bot) throw new BotNotFoundError(id);
  return bot;
}

function toBotView(bot: Bot): BotView {
  return {
    id: bot.id,
    name: bot.name,
    locale: bot.locale,
    isActive: bot.isActive,
    activeVersionId: bot.activeVersionId,
    lateAfterMs: bot.lateAfterMs,
    latePolicy: bot.latePolicy,
    quietMs: bot.quietMs,
    failover: bot.failover,
    readReceipts: bot.readReceipts,
    echoHandsOver: bot.echoHandsOver,
    windowTemplate: bot.windowTemplate,
    revision: bot.revision,
    createdAt: bot.createdAt.toISOString(),
    updatedAt: bot.updatedAt.toISOString(),
  };
}
