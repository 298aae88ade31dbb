import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { ProviderTemplate } from '../../providers/whatsapp-provider.js';
import { emitEvent } from '../../webhooks/outgoing-events.js';
import {
  CONNECTIONS_WITH_TEMPLATE,
  KEEP_NOTICE,
  REFRESH,
  TEMPLATE_PROBLEMS,
  TEMPLATE_TROUBLE,
} from './template-states.sql.js';

/** What a provider told of a template by itself; null: not this time. */
export type TemplateNotice = {
  readonly name: string;
  readonly language: string;
  readonly status: string | null;
  readonly quality: string | null;
  readonly category: string | null;
  /** Of the status. */
  readonly reason: string | null;
};

export type TemplateState = TemplateNotice & { readonly noticedAt: Date };

export type TemplateProblem = Pick<TemplateState, 'name' | 'language' | 'reason' | 'noticedAt'> & {
  readonly connectionId: string;
  readonly status: string;
};

/** What is known of the templates of a tenant's business accounts without asking for them. */
@Injectable()
export class TemplateStates {
  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /** Keeps the last state. Where a bot uses the template, that it cannot be sent, or can again, is an event. */
  take(tenantId: TenantId, accountId: string, notice: TemplateNotice): Promise<void> {
    const { name, language, status, quality, category, reason } = notice;
    const key = [tenantId, accountId, name, language];
    return this.db.transaction(tenantId, async (tx) => {
      const [old]: { status: string | null }[] = await tx.query(
        `select status from template_state
          where tenant_id = $1 and account_id = $2 and name = $3 and language = $4 for update`,
        key,
      );
      await tx.query(KEEP_NOTICE, [...key, status, quality, category, reason, this.clock.now()]);
      if (status === null || status === old?.status || (!isTrouble(status) && !isTrouble(old?.status))) return;
      const users: { connectionId: string; botId: string }[] = await tx.query(CONNECTIONS_WITH_TEMPLATE, key);
      for (const user of users) {
        await emitEvent(tx, tenantId, 'connection.template', { ...user, name, language, status, reason });
      }
    });
  }

  /** @param askedAt when the provider was asked for the list */
  refresh(tenantId: TenantId, accountId: string, list: readonly ProviderTemplate[], askedAt: Date): Promise<void> {
    return this.db.transaction(tenantId, async (tx) => {
      const columns = (['name', 'language', 'status', 'quality', 'category', 'reason'] as const).map((key) =>
        list.map((template) => template[key]),
      );
      await tx.query(REFRESH, [tenantId, accountId, askedAt, ...columns]);
    });
  }

  findAll(tenantId: TenantId, accountId: string, names: readonly string[]): Promise<TemplateState[]> {
    return this.db.transaction(tenantId, (tx) =>
      tx.query(
        `select name, language, status, quality, category, reason, noticed_at as "noticedAt" from template_state
          where tenant_id = $1 and account_id = $2 and name = any($3::text[])`,
        [tenantId, accountId, names],
      ),
    );
  }
}

/** Templates that the bot uses and its provider does not send. */
export function findTemplateProblems(
  tx: EntityManager,
  tenantId: TenantId,
  botId: string,
): Promise<readonly TemplateProblem[]> {
  return tx.query(TEMPLATE_PROBLEMS, [tenantId, botId, TEMPLATE_TROUBLE]);
}

function isTrouble(status: string | null | undefined): boolean {
  return TEMPLATE_TROUBLE.includes(status ?? '');
}
