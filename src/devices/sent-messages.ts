import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PathPool } from '../platform/database/path-pool.js';
import { fromStored, toStored } from '../providers/baileys/binary-json.js';
import { SocketFactory, type LinkedContent, type LinkedMessage } from '../providers/baileys/linked-socket.js';

/** A device that was off may ask for a message again until WhatsApp itself forgets it. */
const KEPT_DAYS = 14;

export type Sending = {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly messageId: string;
  readonly outboxId: string;
  readonly jid: string;
};

/**
 * WhatsApp's id for a message of ours, chosen before it leaves: a repeat of an ambiguous send carries the same one
 * (reference 5.5). In the form Baileys itself gives them.
 */
export function messageIdOf(connectionId: string, outboxId: string): string {
  const hash = createHash('sha256').update(`${connectionId} ${outboxId}`).digest('hex');
  return `3EB0${hash.slice(0, 18).toUpperCase()}`;
}

/** What linked devices sent: whose a status is, and the content for a receiver that asks again. */
@Injectable()
export class SentMessages {
  constructor(
    private readonly path: PathPool,
    private readonly sockets: SocketFactory,
  ) {}

  /** Before it leaves (INV-5). */
  async note({ connectionId, messageId, tenantId, outboxId, jid }: Sending): Promise<void> {
    await this.path.query(
      `insert into linked_sent (connection_id, message_id, tenant_id, outbox_id, jid) values ($1, $2, $3, $4, $5)
       on conflict (connection_id, message_id) do update set jid = excluded.jid, sent_at = now()`,
      [connectionId, messageId, tenantId, outboxId, jid],
    );
  }

  /** As it left. */
  async keep(connectionId: string, messageId: string, content: LinkedContent): Promise<void> {
    await this.path.query('update linked_sent set content = $3 where connection_id = $1 and message_id = $2', [
      connectionId,
      messageId,
      toStored(content),
    ]);
  }

  async find(connectionId: string, messageId: string): Promise<LinkedContent | undefined> {
    const [row] = await this.path.query<{ content: string | null }>(
      'select content::text as content from linked_sent where connection_id = $1 and message_id = $2',
      [connectionId, messageId],
    );
    return row?.content ? this.revive(row.content) : undefined;
  }

  /** Once per message; null when it was repeated before, or is not known. */
  async takeForRepeat(
    connectionId: string,
    messageId: string,
  ): Promise<{ jid: string; content: LinkedContent } | null> {
    const [row] = await this.path.query<{ jid: string; content: string }>(
      `update linked_sent set resent_at = now()
        where connection_id = $1 and message_id = $2 and resent_at is null and content is not null
        returning jid, content::text as content`,
      [connectionId, messageId],
    );
    return row ? { jid: row.jid, content: await this.revive(row.content) } : null;
  }

  /** The message a reply quotes: what the customer wrote, or what we did. Null when we never saw it. */
  async findQuoted(
    { connectionId, outboxId, jid }: Omit<Sending, 'messageId'>,
    id: string,
  ): Promise<LinkedMessage | null> {
    const [row] = await this.path.query<{ text: string | null }>(
      `select i.body->>'text' as text from outbox o join inbox i on i.conversation_id = o.conversation_id
        where o.id = $1 and i.dedupe_key = $2 and i.kind = 'msg' order by i.received_at desc limit 1`,
      [outboxId, id],
    );
    if (row) return { key: { remoteJid: jid, fromMe: false, id }, message: { conversation: row.text ?? '' } };
    const own = await this.find(connectionId, id);
    return own ? { key: { remoteJid: jid, fromMe: true, id }, message: own } : null;
  }

  async forgetOld(): Promise<void> {
    await this.path.query(`delete from linked_sent where sent_at < now() - interval '${KEPT_DAYS} days'`);
  }

  private async revive(json: string): Promise<LinkedContent> {
    const { toMessage } = await this.sockets.codec();
    return toMessage(fromStored(json));
  }
}
