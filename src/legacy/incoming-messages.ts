import { Injectable } from '@nestjs/common';
import { BotsService } from '../bots/bots.service.js';
import { identityKeys } from '../messages/identity-keys.js';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { OldMessage, OldMessageAnswer } from './incoming-messages.dto.js';
import { messageIdFor } from './message-id.js';
import { NoConnectionError } from '../conversations/conversations.errors.js';
import { IngestService } from '../conversations/inbox/ingest.service.js';

/** Messages handed over by an adapter of the old system, as if a provider had delivered them. */
@Injectable()
export class IncomingMessages {
  constructor(
    private readonly db: TenantDatabase,
    private readonly bots: BotsService,
    private readonly ingest: IngestService,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves once the message is durable; the bot answers by its own connection.
   *
   * @param requestKey the same key is the same message, where the message has no id of its own
   * @throws BotNotFoundError
   * @throws NoConnectionError the bot has no connection to answer by
   */
  async receive(tenantId: TenantId, message: OldMessage, requestKey: string | null): Promise<OldMessageAnswer> {
    const { id: botId } = await this.bots.get(tenantId, message.bot_id);
    const connectionId = await this.firstConnection(tenantId, botId);
    const digits = message.from.replaceAll(/\D/g, '');
    const providerMessageId = message.message_id ?? messageIdFor(requestKey);
    await this.ingest.ingest([
      {
        tenantId,
        botId,
        connectionId,
        address: digits,
        phone: `+${digits}`,
        identities: identityKeys({ phone: digits }),
        profileName: null,
        providerMessageId,
        providerAt: this.clock.now(),
        content: { type: 'text', text: message.message },
      },
    ]);
    return { status: 'accepted', message_id: providerMessageId };
  }

  private async firstConnection(tenantId: TenantId, botId: string): Promise<string> {
    const rows: { id: string }[] = await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `select id from connection where tenant_id = $1 and bot_id = $2
          order by (state = 'active') desc, position, created_at limit 1`,
        [tenantId, botId],
      ),
    );
    if (!rows[0]) throw new NoConnectionError(botId);
    return rows[0].id;
  }
}
