import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { identityKeys } from '../../messages/identity-keys.js';
import { IngestService, type IngestEvent } from '../../conversations/inbox/ingest.service.js';
import { Clock } from '../../platform/clock.js';
import { ConnectionNotFoundError } from '../../connections/connection.errors.js';
import { ConnectionDirectory, type PathConnection } from '../../connections/connection-directory.service.js';
import { isProvedByEvolution, type ProofHeaders } from '../../providers/evolution/evolution.proof.js';
import type {
  EvolutionWebhook,
  InboundMessage,
  Notice,
  StatusUpdate,
} from '../../providers/evolution/evolution.webhook-types.js';
import { parseEvolutionWebhook } from '../../providers/evolution/evolution.webhook.js';
import { KeptStatuses } from '../../delivery/statuses/kept-statuses.service.js';
import { BadWebhookSignatureError, CredentialsUnreadableError } from '../webhook.errors.js';
import { WebhookMetrics } from '../webhook.metrics.js';

export type EvolutionPost = {
  readonly connectionId: string;
  /** The event in the path, when the instance posts each event to a path of its own. */
  readonly pathEvent?: string;
  readonly headers: ProofHeaders;
  readonly body: unknown;
};

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** An acknowledgement may overtake the answer of the send it is about, which alone brings the id they share. */
const STATUS_PATIENCE_MS = 500;

/** One POST of an Evolution server, from proof to durable rows (INV-1). */
@Injectable()
export class EvolutionWebhookService {
  private readonly logger = new Logger(EvolutionWebhookService.name);

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly inbound: IngestService,
    private readonly statuses: KeptStatuses,
    private readonly metrics: WebhookMetrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves when all of it is durable. Evolution repeats what is answered by 5xx, and never what is answered by 4xx.
   *
   * @throws ConnectionNotFoundError unknown id, or another provider's connection
   * @throws BadWebhookSignatureError the sender does not know the connection's webhookSecret, or the connection has none
   * @throws CredentialsUnreadableError the credentials cannot be opened here and now
   * @throws MalformedWebhookError nothing in it could be read
   * @throws whatever kept a part from being stored
   */
  async receive(post: EvolutionPost): Promise<void> {
    const connection = await this.prove(post);
    const webhook = parseEvolutionWebhook(post.body, post.pathEvent, this.clock.now());
    if (!this.isOfInstance(webhook, connection)) return;
    await Promise.all([this.keepMessages(webhook, connection), this.keepStatuses(webhook, connection)]);
    for (const notice of webhook.notices) await this.tell(notice, webhook, connection);
    this.count('notice', webhook.notices.length);
    await this.connections.noteSignOfLife(connection);
  }

  private async prove({ connectionId, headers }: EvolutionPost): Promise<PathConnection> {
    const connection = UUID.test(connectionId) ? await this.connections.find(connectionId) : null;
    if (connection?.provider !== 'evolution') throw new ConnectionNotFoundError(connectionId);
    if (!connection.account) throw new CredentialsUnreadableError();
    const secret = connection.account.credentials['webhookSecret'];
    if (!secret) throw this.refuse('The connection has no webhookSecret, so nothing can prove where this comes from');
    if (!isProvedByEvolution(headers, secret, this.clock.now())) {
      throw this.refuse('Nothing proves where this comes from');
    }
    return connection;
  }

  /** Two instances that were given one address would otherwise answer each other's customers. */
  private isOfInstance({ instance, event }: EvolutionWebhook, connection: PathConnection): boolean {
    if (instance === null || instance === connection.account?.credentials['instanceName']) return true;
    this.count('unknown_number', 1);
    this.logger.warn(
      { connectionId: connection.connectionId, event },
      'an event of another Evolution instance was acknowledged and dropped',
    );
    return false;
  }

  private async keepMessages({ messages }: EvolutionWebhook, connection: PathConnection): Promise<void> {
    if (messages.length === 0) return;
    // First, so that what is recognised as ours is not taken for another program's.
    await this.statuses.apply(messages.filter(isSentByApi).map((message) => toAcceptance(connection, message)));
    await this.inbound.ingest(messages.map((message) => toEvent(connection, message)));
    const inGroups = messages.filter(({ groupId }) => groupId !== null).length;
    const own = messages.filter(({ groupId, isOwn }) => isOwn && groupId === null).length;
    this.count('message', messages.length - inGroups - own);
    this.count('group_message', inGroups);
    this.count('echo', own);
    for (const { providerTimestamp } of messages)
      this.metrics.measureLag('evolution', connection.connectionId, providerTimestamp, this.clock.now());
  }

  private async keepStatuses({ statuses }: EvolutionWebhook, connection: PathConnection): Promise<void> {
    if (statuses.length === 0) return;
    const updates = statuses.map((status) => toUpdate(connection, status));
    let { matched } = await this.statuses.apply(updates);
    if (matched === 0) {
      await wait(STATUS_PATIENCE_MS);
      ({ matched } = await this.statuses.apply(updates));
    }
    this.count('status', matched);
    this.count('status_unmatched', Math.max(0, updates.length - matched));
  }

  private async tell(notice: Notice, { event }: EvolutionWebhook, connection: PathConnection): Promise<void> {
    const { connectionId } = connection;
    if (notice.kind !== 'health') {
      this.logger.debug({ ...notice, event, connectionId }, 'a notice from Evolution');
      return;
    }
    if (notice.health !== 'up') this.logger.warn({ ...notice, connectionId }, 'an Evolution instance lost WhatsApp');
    await this.connections.report(connection, notice.health, notice.reason);
  }

  private refuse(reason: string): BadWebhookSignatureError {
    this.count('refused', 1);
    return new BadWebhookSignatureError(reason);
  }

  private count(event: Parameters<WebhookMetrics['count']>[1], count: number): void {
    this.metrics.count('evolution', event, count);
  }
}

function toEvent(connection: PathConnection, message: InboundMessage): IngestEvent {
  const { address, phone, lid, profileName, providerMessageId, providerTimestamp, content, groupId, isOwn, isByApi } =
    message;
  return {
    tenantId: connection.tenantId,
    botId: connection.botId,
    connectionId: connection.connectionId,
    address,
    phone,
    identities: identityKeys({ phone, lid }),
    profileName,
    providerMessageId,
    providerAt: providerTimestamp,
    content,
    ...(groupId === null ? {} : { groupId }),
    ...(isOwn ? { isOwn } : {}),
    ...(isByApi ? { isByApi } : {}),
  };
}

function isSentByApi({ isByApi, groupId }: InboundMessage): boolean {
  return isByApi === true && groupId === null;
}

/** Evolution takes no id of ours; of a send whose answer was lost this alone tells that it went out. */
function toAcceptance({ connectionId }: PathConnection, message: InboundMessage) {
  const { providerMessageId, providerTimestamp: at, content, phone, lid } = message;
  const said = { identities: identityKeys({ phone, lid }), text: content.text };
  return { connectionId, outboxId: null, providerMessageId, status: 'sent' as const, at, said };
}

function toUpdate({ connectionId }: PathConnection, { providerMessageId, status, at }: StatusUpdate) {
  const refused = { code: 'ERROR', class: 'permanent' as const, reason: 'WhatsApp refused the message' };
  const error = status === 'failed' ? refused : undefined;
  return { connectionId, providerMessageId, outboxId: null, status, at, error };
}
