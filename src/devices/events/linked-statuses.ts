import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { StatusUpdate } from '../../delivery/statuses/delivery-status.service.js';
import { RESTRICTED, STALE_DEVICES, toLateRefusal } from '../../providers/baileys/baileys.outcome.js';
import { readWebTime } from '../../providers/whatsapp-web/web-time.js';
import type { LinkedMessage, LinkedMessageUpdate, OpenSession } from '../../providers/baileys/linked-socket.js';
import { Receiver } from '../../receiving/receiver.js';
import { SentMessages } from '../sent-messages.js';
import { SessionRestrictions } from '../session-restrictions.js';

/** `WebMessageInfo.Status` (reference 5.5); 1 says that it waits in our own socket. */
const STATUSES: Readonly<Record<number, StatusUpdate['status']>> = {
  0: 'failed',
  2: 'sent',
  3: 'delivered',
  4: 'read',
  5: 'played',
};

type Report = {
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
    private readonly receiver: Receiver,
    private readonly sent: SentMessages,
    private readonly restrictions: SessionRestrictions,
    private readonly clock: Clock,
  ) {}

  /** Durable when it resolves, also while Postgres is away: whose a status is, is looked up when it is stored. */
  async apply(session: OpenSession, updates: readonly LinkedMessageUpdate[]): Promise<void> {
    const { connectionId } = session;
    const statuses: StatusUpdate[] = [];
    for (const { id, status, code, at } of this.readAll(updates)) {
      if (code === STALE_DEVICES && (await this.repeat(session, id))) continue;
      const error = status === 'failed' ? toLateRefusal(code) : undefined;
      statuses.push({ connectionId, outboxId: null, providerMessageId: id, status, at, error });
    }
    await this.receiver.keep('baileys', { receivedAt: this.clock.now(), events: [], statuses });
  }

  /** Some refusals say that the number may not write to people it does not know. */
  async noteRestriction({ connectionId }: OpenSession, updates: readonly LinkedMessageUpdate[]): Promise<void> {
    if (!this.readAll(updates).some(({ code }) => code === RESTRICTED)) return;
    await this.restrictions.refused(connectionId, this.clock.now());
  }

  /** A status may have been folded into the message itself while Baileys held its events back. */
  async applyFolded(session: OpenSession, messages: readonly LinkedMessage[]): Promise<void> {
    const later = messages.filter(({ key, status }) => key.fromMe && (status ?? 1) > 1);
    await this.apply(
      session,
      later.map(({ key, ...update }) => ({ key, update })),
    );
  }

  private readAll(updates: readonly LinkedMessageUpdate[]): Report[] {
    return updates.flatMap((update) => this.read(update) ?? []);
  }

  private read({ key, update }: LinkedMessageUpdate): Report | null {
    const status = typeof update.status === 'number' ? STATUSES[update.status] : undefined;
    // Without `fromMe` it is a customer's message, which we read on another device.
    if (!status || !key.fromMe || !key.id) return null;
    const [code]: unknown[] = Array.isArray(update.messageStubParameters) ? update.messageStubParameters : [];
    return {
      id: key.id,
      status,
      code: status === 'failed' && isCode(code) ? String(code).slice(0, 32) : null,
      at: readWebTime(update.messageTimestamp) ?? this.clock.now(),
    };
  }

  /** Refused because we knew the receiver's devices of yesterday: once more, asking for those of today. */
  private async repeat({ connectionId, socket }: OpenSession, messageId: string): Promise<boolean> {
    try {
      const again = await this.sent.takeForRepeat(connectionId, messageId);
      if (!again) return false;
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
