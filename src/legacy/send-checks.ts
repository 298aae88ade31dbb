import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { BotsService } from '../bots/bots.service.js';
import { identityKeys } from '../messages/identity-keys.js';
import { StoredFiles } from '../media/stored-files.service.js';
import { fileOf, type OutboundContent } from '../messages/message-content.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { PathConnection } from '../connections/path-connection.js';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ProviderCalls } from '../delivery/provider-calls.js';
import { chooseRoute, type RoutedSend } from '../delivery/route.js';
import {
  BadNumberError,
  FileNotSendableError,
  NoConnectionError,
  NotSendableError,
  WindowClosedError,
} from './send.errors.js';

export type WantedSend = { readonly botId: string; readonly phone: string; readonly content: OutboundContent };

type LastInbound = Pick<RoutedSend, 'lastInboundOn' | 'lastInboundAgoMs' | 'inboundElsewhere'>;

const NEVER_WROTE: LastInbound = { lastInboundOn: null, lastInboundAgoMs: null, inboundElsewhere: null };
const TRANSACTIONAL = 1;

/**
 * Says at once what the outbox would find out later: that nothing of the kind can reach that person. A connection that does
 * not work just now is no such reason: the message waits for it.
 */
@Injectable()
export class SendChecks {
  constructor(
    private readonly db: TenantDatabase,
    private readonly bots: BotsService,
    private readonly connections: ConnectionDirectory,
    private readonly calls: ProviderCalls,
    private readonly files: StoredFiles,
  ) {}

  /**
   * @throws BotNotFoundError
   * @throws NoConnectionError the bot has no connection at all
   * @throws BadNumberError WindowClosedError NotSendableError FileNotSendableError
   */
  async assertSendable(tenantId: TenantId, { botId, phone, content }: WantedSend): Promise<void> {
    await this.bots.get(tenantId, botId);
    const connections = await this.connections.ofBot(botId);
    const first = connections.find(({ isPaused }) => !isPaused) ?? connections[0];
    if (!first) throw new NoConnectionError(botId);
    if (connections.some(({ provider }) => provider !== 'simulator')) assertNumber(phone);
    const lastInbound = await this.lastInboundOf(tenantId, botId, phone);
    const own = connections.find(({ connectionId }) => connectionId === lastInbound.lastInboundOn) ?? first;
    const connection = this.connectionFor(own, connections, { phone, content, lastInbound });
    await this.assertFile(tenantId, connection, content);
  }

  /** Where it would leave as things are now. */
  private connectionFor(
    own: PathConnection,
    connections: readonly PathConnection[],
    { phone, content, lastInbound }: { phone: string; content: OutboundContent; lastInbound: LastInbound },
  ): PathConnection {
    const claimed = {
      ...lastInbound,
      connectionId: own.connectionId,
      lane: TRANSACTIONAL,
      address: phone.slice(1),
      phone,
      lastError: null,
    };
    const route = chooseRoute(
      {
        claimed,
        content,
        connections,
        capabilitiesOf: (connection) => this.calls.capabilitiesOf(connection),
        isBroken: (connection) => this.calls.isBroken(connection),
        nowMs: this.connections.nowMs(),
      },
      own,
    );
    if (route.to === 'here') return route.place.connection;
    if (route.to === 'other') return route.connection;
    if (!route.why.isFinal) return own;
    if (route.why.code === 'window_closed') throw new WindowClosedError();
    throw new NotSendableError(route.why.code, route.why.reason);
  }

  private async lastInboundOf(tenantId: TenantId, botId: string, phone: string): Promise<LastInbound> {
    const rows: LastInbound[] = await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `select c.connection_id as "lastInboundOn", c.heard_before as "inboundElsewhere",
           extract(epoch from now() - c.last_in_at)::float8 * 1000 as "lastInboundAgoMs"
         from contact_identity i join conversation c on c.contact_id = i.contact_id and c.tenant_id = i.tenant_id
         where i.tenant_id = $1 and i.value = any($2::text[]) and c.bot_id = $3 limit 1`,
        [tenantId, identityKeys({ phone }), botId],
      ),
    );
    return rows[0] ?? NEVER_WROTE;
  }

  private async assertFile(tenantId: TenantId, connection: PathConnection, content: OutboundContent): Promise<void> {
    const carried = fileOf(content);
    if (!carried) return;
    const { media, mediaId } = carried;
    const limit = this.calls.capabilitiesOf(connection)?.media[media];
    if (!limit) throw new FileNotSendableError('media_unsupported', 422, `${connection.provider} takes no ${media}`);
    if (mediaId === undefined) return;
    const file = await this.files.find(tenantId, mediaId);
    if (!file) throw new FileNotSendableError('media_not_found', 422, `There is no file ${mediaId}`);
    if (file.sizeBytes > limit.maxBytes) {
      const reason = `${connection.provider} takes ${media} of ${limit.maxBytes} bytes at most`;
      throw new FileNotSendableError('media_too_large', 413, reason);
    }
  }
}

/** The spelling WhatsApp once gave Mexican and Argentine mobiles is folded first: it is no number to anybody else. */
function assertNumber(phone: string): void {
  const folded = identityKeys({ phone })[0]?.replace('tel:', '+') ?? '';
  if (!parsePhoneNumberFromString(folded)?.isPossible()) throw new BadNumberError(phone);
}
