import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { identityKeys } from '../messages/identity-keys.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { OutboundContent } from '../messages/message-content.js';
import { appendOperatorMessage } from './inbox/operator-message.js';

export type Notice = {
  /** The bot that speaks; null for whichever of the tenant's bots has a connection. */
  readonly botId: string | null;
  /** E.164. */
  readonly phone: string;
  /** For a contact made now; null when nobody told. */
  readonly name: string | null;
  readonly text: string;
  /** In place of the text, where it is more than that. */
  readonly content?: OutboundContent;
  /** Same key, same notice: the second is not sent. */
  readonly key: string;
};

type Speaker = { readonly botId: string; readonly connectionId: string };

/** Tells somebody something outside any flow: a seller about an order, a customer about theirs. */
@Injectable()
export class NotifyService {
  private readonly logger = new Logger('Notices');

  /**
   * Opens the person's conversation if there is none. Commits with the caller's transaction.
   *
   * @returns false when no bot has a connection to send it by
   */
  async notify(tx: EntityManager, tenantId: TenantId, notice: Notice): Promise<boolean> {
    const speaker = await findSpeaker(tx, tenantId, notice.botId);
    if (!speaker) {
      this.logger.warn('A notice cannot be sent: no bot has a connection');
      return false;
    }
    const contactId = await contactOf(tx, tenantId, notice);
    const conversation = await conversationOf(tx, tenantId, speaker, { contactId, phone: notice.phone });
    const content = notice.content ?? ({ kind: 'text', text: notice.text } as const);
    await appendOperatorMessage(tx, tenantId, conversation, { kind: 'notice', content, key: notice.key });
    return true;
  }

  /**
   * In a conversation that is there. Commits with the caller's transaction.
   *
   * @returns false when it is not there any more
   */
  async tell(
    tx: EntityManager,
    tenantId: TenantId,
    { conversationId, text, key }: { conversationId: string; text: string; key: string },
  ): Promise<boolean> {
    const rows: { id: string; connectionId: string }[] = await tx.query(
      'select id, connection_id as "connectionId" from conversation where tenant_id = $1 and id = $2',
      [tenantId, conversationId],
    );
    if (!rows[0]) return false;
    await appendOperatorMessage(tx, tenantId, rows[0], { kind: 'notice', content: { kind: 'text', text }, key });
    return true;
  }
}

async function findSpeaker(tx: EntityManager, tenantId: TenantId, botId: string | null): Promise<Speaker | null> {
  const rows: Speaker[] = await tx.query(
    `select n.bot_id as "botId", n.id as "connectionId" from connection n join bot b on b.id = n.bot_id
      where n.tenant_id = $1 and ($2::uuid is null or n.bot_id = $2)
      order by (n.state = 'active') desc, b.is_active desc, b.created_at, n.position, n.created_at limit 1`,
    [tenantId, botId],
  );
  return rows[0] ?? null;
}

async function contactOf(tx: EntityManager, tenantId: TenantId, { phone, name }: Notice): Promise<string> {
  const identities = identityKeys({ phone });
  // The same locks as ingest takes: the person may be writing for the first time right now.
  await tx.query(
    `select pg_advisory_xact_lock(key)
       from (select distinct hashtextextended(name, 0) as key from unnest($1::text[]) name order by 1) keys`,
    [identities.map((value) => `${tenantId} ${value}`)],
  );
  const known: { contact_id: string }[] = await tx.query(
    'select contact_id from contact_identity where tenant_id = $1 and value = any($2) order by value desc limit 1',
    [tenantId, identities],
  );
  if (known[0]) return known[0].contact_id;
  const id = randomUUID();
  await tx.query(
    `with named as (
       insert into contact_identity (tenant_id, value, contact_id) select $1, unnest($2::text[]), $3 returning 1)
     insert into contact (id, tenant_id, name, phone) values ($3, $1, $4, $5)`,
    [tenantId, identities, id, name, phone],
  );
  return id;
}

async function conversationOf(
  tx: EntityManager,
  tenantId: TenantId,
  { botId, connectionId }: Speaker,
  { contactId, phone }: { contactId: string; phone: string },
): Promise<{ id: string; connectionId: string }> {
  await tx.query(
    `insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address, phone)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (bot_id, contact_id) do nothing`,
    [randomUUID(), tenantId, botId, connectionId, contactId, phone.replaceAll(/\D/g, ''), phone],
  );
  const rows: { id: string; connectionId: string }[] = await tx.query(
    `select id, connection_id as "connectionId" from conversation
      where tenant_id = $1 and bot_id = $2 and contact_id = $3`,
    [tenantId, botId, contactId],
  );
  if (!rows[0]) throw new Error('The conversation that was just opened is not there');
  return rows[0];
}
