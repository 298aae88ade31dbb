import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BotsService } from '../../bots/bots.service.js';
import { NotifyService } from '../../conversations/notify.service.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ConnectionsService, type ConnectionView } from '../connections.service.js';
import type { Send, SendView, StatusView } from './send.dto.js';
import { NoConnectionError, NoLinkedDeviceError } from './send.errors.js';

@Injectable()
export class SendService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly bots: BotsService,
    private readonly connections: ConnectionsService,
    private readonly notices: NotifyService,
  ) {}

  /**
   * Queues a text in the customer's own conversation, so that it keeps its place among the bot's answers.
   *
   * @throws BotNotFoundError
   * @throws NoConnectionError the bot has no line at all
   */
  send(tenantId: TenantId, { bot_id: botId, to, message }: Send): Promise<SendView> {
    const key = randomUUID();
    const phone = `+${to.replace('+', '')}`;
    return this.db.transaction(tenantId, async (tx): Promise<SendView> => {
      await this.bots.getIn(tx, tenantId, botId);
      const isQueued = await this.notices.notify(tx, tenantId, { botId, phone, name: null, text: message, key });
      if (!isQueued) throw new NoConnectionError(botId);
      return { message_id: key, status: 'queued' };
    });
  }

  /** @throws BotNotFoundError */
  async status(tenantId: TenantId, botId: string): Promise<StatusView> {
    const connections = await this.connections.list(tenantId, botId);
    return {
      bot_id: botId,
      status: summaryOf(connections),
      connections: connections.map(({ id, provider, name, state, health, healthReason }) => ({
        id,
        provider,
        name,
        state,
        health,
        health_reason: healthReason,
      })),
    };
  }

  /**
   * @throws BotNotFoundError
   * @throws NoLinkedDeviceError always: no provider of this version is paired by a QR code
   */
  async qr(tenantId: TenantId, botId: string): Promise<never> {
    await this.bots.get(tenantId, botId);
    throw new NoLinkedDeviceError(botId);
  }
}

function summaryOf(connections: readonly ConnectionView[]): StatusView['status'] {
  const usable = connections.filter(({ state, health }) => state === 'active' && health !== 'auth_lost');
  if (usable.length === 0) return 'disconnected';
  return usable.some(({ health }) => health !== 'degraded') ? 'connected' : 'degraded';
}
