import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { DeliveryStatusService, type StatusUpdate } from '../../delivery/statuses/delivery-status.service.js';
import { RESTRICTED, STALE_DEVICES, toLateRefusal } from '../../providers/baileys/baileys.outcome.js';
import { readTime } from './linked-reading.js';
import type { LinkedMessage, LinkedMessageUpdate, OpenSession } from '../../providers/baileys/linked-socket.js';
import { SentMessages } from '../sent-messages.js';
import { SessionRestrictions } from '../sessions/session-restrictions.js';

/** `WebMessageInfo.Status` (reference 5.5); 1 says that it waits in our own socket. */
const STATUSES: Readonly<Record<number, StatusUpdate['status']>> = {
  0: 'failed',
  2: 'sent',
  3: 'delivered',
  4: 'read',
  5: 'played',
};

type Told = {
  readonly id: string;
  readonly status: StatusUpdate['status'];
  readonly code: string | null;
  readonly at: Date;
};

/** What became of what linked devices sent. */
@Injectable()
export class LinkedStatuses {
  private readonly logger = new Logger('LinkedDevices');

  constructor(
    private readonly statuses: DeliveryStatusService,
    private readonly sent: SentMessages,
    private readonly restrictions: SessionRestrictions,
    private readonly clock: Clock,
  ) {}

  async apply(session: OpenSession, updates: readonly LinkedMessageUpdate[]): Promise<void> {
    const told = updates.flatMap((update) => this.read(update) ?? []);
    if (told.length === 0) return;
    const { connectionId } = session;
    if (told.some(({ code }) => code === RESTRICTED)) await this.restrictions.refused(connectionId, this.clock.now());
    const settled: Told[] = [];
    for (const status of told) {
      const isRepeated = status.code === STALE_DEVICES && (await this.repeat(session, status.id));
      if (!isRepeated) settled.push(status);
    }
    const outboxIds = await this.sent.outboxIdsOf(
      connectionId,
      settled.map(({ id }) => id),
    );
    await this.statuses.apply(
      settled.map(({ id, status, code, at }) => ({
        connectionId,
        outboxId: outboxIds.get(id) ?? null,
        providerMessageId: id,
        status,
        at,
        ...(status === 'failed' && { error: toLateRefusal(code) }),
      })),
    );
  }

  /** A status may have been folded into the message itself while Baileys held its events back. */
  async applyFolded(session: OpenSession, messages: readonly LinkedMessage[]): Promise<void> {
    const later = messages.filter(({ key, status }) => key.fromMe && (status ?? 1) > 1);
    await this.apply(
      session,
      later.map(({ key, ...update }) => ({ key, update })),
    );
  }

  private read({ key, update }: LinkedMessageUpdate): Told | null {
    const status = typeof update.status === 'number' ? STATUSES[update.status] : undefined;
    // Without `fromMe` it is a customer's message, which we read on another device.
    if (!status || !key.fromMe || !key.id) return null;
    const [code]: unknown[] = Array.isArray(update.messageStubParameters) ? update.messageStubParameters : [];
    return {
      id: key.id,
      status,
      code: status === 'failed' && isCode(code) ? String(code).slice(0, 32) : null,
      at: readTime(update.messageTimestamp) ?? this.clock.now(),
    };
  }

  /** Refused because we knew the receiver's devices of yesterday: once more, asking for those of today. */
  private async repeat({ connectionId, socket }: OpenSession, messageId: string): Promise<boolean> {
    const again = await this.sent.takeForRepeat(connectionId, messageId);
    if (!again) return false;
    try {
      await socket.relayMessage(again.jid, again.content, { messageId, useUserDevicesCache: false });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, connectionId, messageId }, 'a refused message could not be sent again');
      return false;
    }
  }
}

function isCode(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
