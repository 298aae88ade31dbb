import { Injectable } from '@nestjs/common';
import { BotsService } from '../bots/bots.service.js';
import { FlowDraftsService } from '../flows/flow-drafts.service.js';
import { FlowsService } from '../flows/flows.service.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { BOT_NAME, CONNECTION_NAME, FLOW_KEY, FLOW_TITLE, SHOP } from './coffee-shop.js';
import { coffeeShopFlow } from './coffee-shop.flow.js';

/** The demo's bot, its connection and what it says. Finishes what an earlier seed began. */
@Injectable()
export class DemoBot {
  constructor(
    private readonly drafts: FlowDraftsService,
    private readonly flows: FlowsService,
    private readonly bots: BotsService,
    private readonly connections: ConnectionsService,
  ) {}

  /** @returns the bot's id */
  async open(tenantId: TenantId, by: string): Promise<string> {
    const { version } = await this.flows.publish(tenantId, await this.flowId(tenantId), { publishedBy: by });
    const botId = await this.botId(tenantId);
    if ((await this.connections.list(tenantId, botId)).length === 0) {
      const connection = { provider: 'simulator', name: CONNECTION_NAME, position: 0, credentials: {} } as const;
      await this.connections.create(tenantId, botId, connection);
    }
    await this.bots.activate(tenantId, botId, version.id);
    return botId;
  }

  private async flowId(tenantId: TenantId): Promise<string> {
    const { items } = await this.drafts.list(tenantId, { limit: 100, sort: 'key', archived: false });
    const known = items.find(({ key }) => key === FLOW_KEY);
    if (known) return known.id;
    const made = await this.drafts.create(tenantId, { key: FLOW_KEY, title: FLOW_TITLE, draft: coffeeShopFlow });
    return made.id;
  }

  private async botId(tenantId: TenantId): Promise<string> {
    const { items } = await this.bots.list(tenantId, { limit: 100, sort: 'createdAt' });
    const known = items.find(({ name }) => name === BOT_NAME);
    if (known) return known.id;
    const made = await this.bots.create(tenantId, {
      name: BOT_NAME,
      locale: SHOP.locale,
      lateAfterMs: 600_000,
      latePolicy: 'answer_if_last',
      quietMs: 0,
      failover: 'same_number',
      windowTemplate: null,
      readReceipts: false,
      echoHandsOver: true,
    });
    return made.id;
  }
}
