import { Injectable } from '@nestjs/common';
import { NotifyService } from '../conversations/notify.service.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { LinkedDeviceView } from '../devices/linked-devices.dto.js';
import { LinkedDevicesService } from '../devices/linked-devices.service.js';
import { ConnectionsService, type ConnectionView } from '../connections/connections.service.js';
import type { Send, SendView, StatusView } from './send.dto.js';
import { messageIdFor } from './message-id.js';
import { SendChecks } from './send-checks.js';
import { NoConnectionError } from './send.errors.js';

@Injectable()
export class SendService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly checks: SendChecks,
    private readonly connections: ConnectionsService,
    private readonly notices: NotifyService,
    private readonly devices: LinkedDevicesService,
  ) {}

  /**
   * Queues a message in the customer's own conversation, so that it keeps its place among the bot's answers.
   *
   * @param requestKey the same key never sends a second message
   * @throws BotNotFoundError
   * @throws NoConnectionError the bot has no connection at all
   * @throws BadNumberError WindowClosedError NotSendableError FileNotSendableError
   */
  async send(
    tenantId: TenantId,
    { bot_id: botId, to, message: text = '', content: given }: Send,
    requestKey: string | null,
  ): Promise<SendView> {
    const key = messageIdFor(requestKey);
    const phone = `+${to.replace('+', '')}`;
    const content = given ?? ({ kind: 'text', text } as const);
    await this.checks.assertSendable(tenantId, { botId, phone, content });
    return this.db.transaction(tenantId, async (tx): Promise<SendView> => {
      const isQueued = await this.notices.notify(tx, tenantId, { botId, phone, name: null, text, content, key });
      if (!isQueued) throw new NoConnectionError(botId);
      return { message_id: key, status: 'queued' };
    });
  }

  /** @throws BotNotFoundError */
  async status(tenantId: TenantId, botId: string): Promise<StatusView> {
    const connections = await this.connections.list(tenantId, botId);
    const devices = await this.devices.among(tenantId, connections);
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
        linked_device: deviceOf(devices.get(id)),
      })),
    };
  }
}

function summaryOf(connections: readonly ConnectionView[]): StatusView['status'] {
  const usable = connections.filter(({ state, health }) => state === 'active' && health !== 'auth_lost');
  if (usable.length === 0) return 'disconnected';
  return usable.some(({ health }) => health !== 'degraded') ? 'connected' : 'degraded';
}

function deviceOf(device: LinkedDeviceView | undefined): StatusView['connections'][number]['linked_device'] {
  if (!device) return null;
  return {
    state: device.state,
    reason: device.reason,
    phone: device.phone,
    session_age_seconds: device.ageSeconds,
    last_open_at: device.lastOpenAt,
    last_inbound_at: device.lastInboundAt,
    restricted_until: device.restrictedUntil,
  };
}
