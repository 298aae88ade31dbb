import { Injectable, Logger } from '@nestjs/common';
import type { IngestEvent } from '../../conversations/inbox/ingest.service.js';
import { Clock } from '../../platform/clock.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { readMessage, type Reading } from './linked-reading.js';
import type { LinkedMessage, OpenSession } from '../../providers/baileys/linked-socket.js';
import { Receiver } from '../../receiving/receiver.js';
import { Placeholders } from './placeholders.js';

/** Older messages of the phone's history are past: nobody waits for an answer to them. */
const MAX_HISTORY_MS = 3 * 86_400_000;
/** What was seen last is written down now and then only; a message that is here twice counts once. */
const HISTORY_OVERLAP_MS = 5 * 60_000;

/** What a linked device receives, into the inbox (INV-1, INV-2). */
@Injectable()
export class LinkedInbound {
  private readonly logger = new Logger('LinkedDevices');

  constructor(
    private readonly receiver: Receiver,
    private readonly placeholders: Placeholders,
    private readonly path: PathPool,
    private readonly clock: Clock,
  ) {}

  /**
   * Messages as they come, and those that waited while the device was off. They are handed over in the tick that calls:
   * WhatsApp counts them as delivered and does not send them again.
   */
  async receive(session: OpenSession, messages: readonly LinkedMessage[]): Promise<void> {
    const readings = messages.map((message) => this.read(session, message));
    const unread = readings
      .filter((reading) => reading.kind === 'said')
      .filter(({ event }) => event.content.isPlaceholder && event.groupId === undefined);
    await Promise.all([
      this.keep(readings.flatMap(eventOf)),
      // Beside it, not after it: of a process that dies in between, nobody would ask for the content.
      this.placeholders.note(
        session,
        unread.map(({ key }) => key),
      ),
    ]);
  }

  /** Until when this connection had seen everything; null for a device that was never linked before. */
  async lastSeen(connectionId: string): Promise<Date | null> {
    const [row] = await this.path.query<{ at: Date | null }>(
      'select coalesce(last_inbound_at, last_open_at) as at from linked_session where connection_id = $1',
      [connectionId],
    );
    return row?.at ?? null;
  }

  /** The phone's history after a new link: only what came meanwhile; the rest was there before us. */
  async reconcile(session: OpenSession, messages: readonly LinkedMessage[], lastSeen: Date | null): Promise<void> {
    if (lastSeen === null) return;
    const now = this.clock.now().getTime();
    const from = Math.max(lastSeen.getTime() - HISTORY_OVERLAP_MS, now - MAX_HISTORY_MS);
    const isRecent = ({ providerAt }: IngestEvent) => providerAt.getTime() >= from && providerAt.getTime() <= now;
    await this.keep(messages.flatMap((message) => eventOf(this.read(session, message))).filter(isRecent));
  }

  private keep(events: readonly IngestEvent[]): Promise<void> {
    return this.receiver.keep('baileys', { receivedAt: this.clock.now(), events, statuses: [] });
  }

  private read(session: OpenSession, message: LinkedMessage): Reading {
    try {
      return readMessage(session, message, this.clock.now());
    } catch (error) {
      // One message that makes no sense must not take those beside it along.
      this.logger.error({ err: error, connectionId: session.connectionId, messageId: message.key.id }, 'not readable');
      return { kind: 'nothing' };
    }
  }
}

/** What we sent ourselves is among them; the inbox knows it by its id. */
function eventOf(reading: Reading): readonly IngestEvent[] {
  return reading.kind === 'nothing' ? [] : [reading.event];
}
