import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import { LinkedInbound } from './linked-inbound.js';
import { LinkedIdentities } from './linked-identities.js';
import type { LinkedContent, LinkedEventBatch, LinkedKey, OpenSession } from '../../providers/baileys/linked-socket.js';
import { LinkedStatuses } from './linked-statuses.js';
import { SentMessages } from '../sent-messages.js';

/**
 * While Postgres is away, for what can wait neither in the inbox's spool nor in that of the statuses: what is still not
 * stored then is lost.
 */
const PATIENCE_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

type PathConnection = Omit<OpenSession, 'socket'>;

/** Turns what an open socket delivers into what the rest of DashOffice knows: messages, statuses, identities. */
@Injectable()
export class LinkedEvents {
  private readonly logger = new Logger('LinkedDevices');

  constructor(
    private readonly inbound: LinkedInbound,
    private readonly statuses: LinkedStatuses,
    private readonly identities: LinkedIdentities,
    private readonly sent: SentMessages,
  ) {}

  /** @returns a function that ends it and resolves when what was delivered is stored */
  attach(session: OpenSession): () => Promise<void> {
    const open = new Set<Promise<void>>();
    const lastSeen = this.inbound.lastSeen(session.connectionId).catch(() => null);
    const detach = session.socket.ev.process((batch) => {
      // Each begins in this very tick; none of them throws.
      for (const work of this.take(session, batch, lastSeen)) {
        open.add(work);
        void work.finally(() => open.delete(work));
      }
    });
    return async () => {
      detach();
      await Promise.all(open);
    };
  }

  /** What we sent, for a receiver that could not decrypt it. */
  findSent({ connectionId }: PathConnection, { id }: LinkedKey): Promise<LinkedContent | undefined> {
    return id ? this.sent.find(connectionId, id) : Promise.resolve(undefined);
  }

  private take(session: OpenSession, batch: LinkedEventBatch, lastSeen: Promise<Date | null>): Promise<void>[] {
    const work: Promise<void>[] = [];
    const upsert = batch['messages.upsert'];
    if (upsert) {
      work.push(this.keep(session, 'messages', () => this.inbound.receive(session, upsert.messages)));
      work.push(this.keep(session, 'statuses', () => this.statuses.applyFolded(session, upsert.messages)));
    }
    const updates = batch['messages.update'];
    if (updates) {
      work.push(this.keep(session, 'statuses', () => this.statuses.apply(session, updates)));
      work.push(this.keep(session, 'restrictions', () => this.statuses.noteRestriction(session, updates)));
    }
    const history = batch['messaging-history.set'];
    if (history) {
      const reconcile = async () => this.inbound.reconcile(session, history.messages, await lastSeen);
      const people = [...(history.lidPnMappings ?? []), ...(history.contacts ?? [])];
      work.push(this.keep(session, 'history', reconcile));
      work.push(this.keep(session, 'identities', () => this.identities.learnKnown(session, people)));
    }
    const mapping = batch['lid-mapping.update'];
    if (mapping) work.push(this.keep(session, 'identities', () => this.identities.learn(session, mapping)));
    const people = [...(batch['contacts.upsert'] ?? []), ...(batch['contacts.update'] ?? [])];
    if (people.length > 0)
      work.push(this.keep(session, 'identities', () => this.identities.learnKnown(session, people)));
    return work;
  }

  /** WhatsApp tells everything once, so it is tried again here. */
  private async keep({ connectionId }: OpenSession, what: string, run: () => Promise<void>): Promise<void> {
    for (const patience of [...PATIENCE_MS, null]) {
      try {
        return await run();
      } catch (error) {
        if (patience === null || !isDatabaseDown(error)) {
          this.logger.error({ err: error, connectionId, what }, 'an event of a linked device was not stored');
          return;
        }
        await delay(patience, undefined, { ref: false });
      }
    }
  }
}
