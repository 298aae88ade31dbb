import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BotsService } from '../../bots/bots.service.js';
import { identityKeys } from '../../messages/identity-keys.js';
import type { InboundContent, OutboundContent } from '../../messages/message-content.js';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { Receiver } from '../receiver.js';
import { NoSimulatorError } from './simulator.errors.js';
import type { ChatItem, ChatQuery, ChatView, SimulatedView, SimulateMessage } from './simulator.dto.js';

type Talk = { id: string; mode: 'bot' | 'human' };
type InRow = { id: string; at: Date; body: InboundContent };
type OutRow = { id: string; at: Date; body: OutboundContent; status: string; delivery: string | null };

/** Transactions commit a little after they began; what is that recent is told twice rather than missed. */
const OVERLAP_MS = 5000;
const MAX_ITEMS = 500;

/** A customer at the simulated end of a bot's connection. What it says goes in by the same door as everybody's. */
@Injectable()
export class SimulatorChatService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly bots: BotsService,
    private readonly receiver: Receiver,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws BotNotFoundError
   * @throws NoSimulatorError the bot has no simulator connection
   */
  async say(tenantId: TenantId, botId: string, message: SimulateMessage): Promise<SimulatedView> {
    const connectionId = await this.db.transaction(tenantId, (tx) => this.connectionOf(tx, tenantId, botId));
    const digits = message.from.replace('+', '');
    const phone = `+${digits}`;
    const id = message.id ?? `sim.${randomUUID()}`;
    const receivedAt = this.clock.now();
    const event = {
      tenantId,
      botId,
      connectionId,
      address: digits,
      phone,
      identities: identityKeys({ phone }),
      profileName: message.name ?? null,
      providerMessageId: id,
      providerAt: receivedAt,
      content: toContent(message, id),
    };
    await this.receiver.keep('simulator', { receivedAt, events: [event], statuses: [] });
    return { id };
  }

  /** @throws BotNotFoundError */
  read(tenantId: TenantId, botId: string, { from, after }: ChatQuery): Promise<ChatView> {
    const since = after === undefined ? new Date(0) : new Date(after);
    return this.db.transaction(tenantId, async (tx) => {
      await this.bots.getIn(tx, tenantId, botId);
      const asOf = new Date(this.clock.now().getTime() - OVERLAP_MS).toISOString();
      const talks = await tx.query<Talk[]>(
        `select v.id, v.mode from conversation v
           join contact_identity i on i.tenant_id = v.tenant_id and i.contact_id = v.contact_id
          where v.tenant_id = $1 and v.bot_id = $2 and i.value = any($3)`,
        [tenantId, botId, identityKeys({ phone: from })],
      );
      const talk = talks[0];
      if (!talk) return { items: [], isTyping: false, mode: null, asOf };
      const [said, heard] = [await readIn(tx, talk.id, since), await readOut(tx, talk.id, since)];
      const items = [...said, ...heard].toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
      return { items, isTyping: await isBusy(tx, talk.id), mode: talk.mode, asOf };
    });
  }

  private async connectionOf(tx: EntityManager, tenantId: TenantId, botId: string): Promise<string> {
    await this.bots.getIn(tx, tenantId, botId);
    const rows = await tx.query<{ id: string }[]>(
      `select id from connection where tenant_id = $1 and bot_id = $2 and provider = 'simulator'
        order by position, id limit 1`,
      [tenantId, botId],
    );
    if (!rows[0]) throw new NoSimulatorError(botId);
    return rows[0].id;
  }
}

async function readIn(tx: EntityManager, conversationId: string, since: Date): Promise<ChatItem[]> {
  const rows = await tx.query<InRow[]>(
    `select * from (
       select id::text as id, received_at as at, body from inbox
        where conversation_id = $1 and kind = 'msg' and received_at > $2 order by id desc limit ${MAX_ITEMS}) latest
      order by at, id`,
    [conversationId, since],
  );
  return rows.map(({ id, at, body }) => ({
    id: `in.${id}`,
    direction: 'in',
    at: at.toISOString(),
    type: body.type,
    text: body.text,
  }));
}

async function readOut(tx: EntityManager, conversationId: string, since: Date): Promise<ChatItem[]> {
  const rows = await tx.query<OutRow[]>(
    `select * from (
       select id, created_at as at, body, status, delivery from outbox
        where conversation_id = $1 and kind = 'send' and status <> 'cancelled'
          and (greatest(created_at, sent_at, delivery_at) > $2
            or (status = 'failed' and created_at > now() - interval '1 day'))
        order by id desc limit ${MAX_ITEMS}) latest
      order by id`,
    [conversationId, since],
  );
  return rows.map(({ id, at, body, status, delivery }) => ({
    id: `out.${id}`,
    direction: 'out',
    at: at.toISOString(),
    content: body,
    delivery: toDelivery(status, delivery),
  }));
}

function toDelivery(status: string, delivery: string | null): Extract<ChatItem, { direction: 'out' }>['delivery'] {
  if (status === 'failed') return 'failed';
  if (status !== 'sent') return 'pending';
  if (delivery === 'played' || delivery === 'read') return 'read';
  return delivery === 'delivered' ? 'delivered' : 'sent';
}

async function isBusy(tx: EntityManager, conversationId: string): Promise<boolean> {
  const rows = await tx.query<{ busy: boolean }[]>(
    `select exists (select 1 from inbox where conversation_id = $1 and done_at is null)
         or exists (select 1 from outbox where conversation_id = $1 and status in ('pending', 'sending', 'unknown'))
         as busy`,
    [conversationId],
  );
  return rows[0]?.busy ?? false;
}

function toContent({ text, choiceId, type, quotes }: SimulateMessage, id: string): InboundContent {
  const kind = type ?? (choiceId === undefined ? 'text' : 'choice');
  const mimeType = MEDIA_TYPES[kind];
  return {
    type: kind,
    text: text ?? choiceId ?? `(${kind})`,
    ...(choiceId !== undefined && { choiceId }),
    ...(quotes !== undefined && { aboutId: quotes }),
    ...(mimeType !== undefined && { media: { id, mimeType, ...(text !== undefined && { caption: text }) } }),
  };
}

/** Kinds that come with a file. */
const MEDIA_TYPES: Partial<Readonly<Record<InboundContent['type'], string>>> = {
  image: 'image/png',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/pdf',
  sticker: 'image/webp',
};
