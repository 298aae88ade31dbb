import { Injectable } from '@nestjs/common';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import type { PathConnection } from '../../connections/path-connection.js';
import type { IngestEvent } from '../../conversations/inbox/ingest.service.js';
import type { StatusUpdate } from '../../delivery/statuses/delivery-status.service.js';
import { identityKeys } from '../../messages/identity-keys.js';
import { Clock } from '../../platform/clock.js';
import { isProvedByEvolution, type ProofHeaders } from '../../providers/evolution/evolution.proof.js';
import type {
  InboundMessage,
  Notice as EvolutionNotice,
  StatusUpdate as EvolutionStatus,
} from '../../providers/evolution/evolution.webhook-types.js';
import { parseEvolutionWebhook } from '../../providers/evolution/evolution.webhook.js';
import { connectionOf } from '../connection-in-address.js';
import type { Notice, ReceivedWebhook, WebhookAdapter } from '../received.js';
import { BadWebhookSignatureError, CredentialsUnreadableError } from '../webhook.errors.js';

export type EvolutionPost = {
  readonly connectionId: string;
  /** The event in the path, when the instance posts each event to a path of its own. */
  readonly pathEvent?: string;
  readonly headers: ProofHeaders;
  readonly body: unknown;
};

/** An acknowledgement may overtake the answer of the send it is about, which alone brings the id they share. */
const STATUS_PATIENCE_MS = 500;

/**
 * Webhooks of an Evolution server: one event, whose address names the connection and whose sender knows its
 * webhookSecret. Evolution repeats what is answered by 5xx, and never what is answered by 4xx.
 */
@Injectable()
export class EvolutionAdapter implements WebhookAdapter<EvolutionPost> {
  readonly provider = 'evolution';

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly clock: Clock,
  ) {}

  async read({ connectionId, pathEvent, headers, body }: EvolutionPost): Promise<ReceivedWebhook> {
    const connection = await connectionOf(this.connections, this.provider, connectionId);
    const receivedAt = this.clock.now();
    const { instanceName } = prove(connection, headers, receivedAt);
    const { event, instance, messages, statuses, notices } = parseEvolutionWebhook(body, pathEvent, receivedAt);
    // Two instances that were given one address would otherwise answer each other's customers.
    if (instance !== null && instance !== instanceName) {
      return { receivedAt, connections: [], events: [], statuses: [], notices: [], strangers: [instance] };
    }
    return {
      receivedAt,
      connections: [connection],
      events: messages.map((message) => toEvent(connection, message)),
      statuses: [
        ...messages.filter(isSentByApi).map((message) => toAcceptance(connection, message)),
        ...statuses.map((status) => toUpdate(connection, status)),
      ],
      statusPatienceMs: STATUS_PATIENCE_MS,
      notices: notices.map((notice) => toNotice(connection, event, notice)),
      strangers: [],
    };
  }
}

function prove({ account }: PathConnection, headers: ProofHeaders, now: Date): Readonly<Record<string, string>> {
  if (!account) throw new CredentialsUnreadableError();
  const { webhookSecret } = account.credentials;
  if (!webhookSecret) {
    throw new BadWebhookSignatureError(
      'The connection has no webhookSecret, so nothing can prove where this comes from',
    );
  }
  if (!isProvedByEvolution(headers, webhookSecret, now)) {
    throw new BadWebhookSignatureError('Nothing proves where this comes from');
  }
  return account.credentials;
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
function toAcceptance({ connectionId }: PathConnection, message: InboundMessage): StatusUpdate {
  const { providerMessageId, providerTimestamp: at, content, phone, lid } = message;
  const said = { identities: identityKeys({ phone, lid }), text: content.text };
  return { connectionId, outboxId: null, providerMessageId, status: 'sent', at, said };
}

function toUpdate({ connectionId }: PathConnection, { providerMessageId, status, at }: EvolutionStatus): StatusUpdate {
  const refused = { code: 'ERROR', class: 'failover', reason: 'WhatsApp refused the message' };
  const error = status === 'failed' ? refused : undefined;
  return { connectionId, providerMessageId, outboxId: null, status, at, error };
}

function toNotice(connection: PathConnection, event: string, notice: EvolutionNotice): Notice {
  const { connectionId } = connection;
  if (notice.kind !== 'health') {
    return { log: { level: 'debug', text: 'a notice from Evolution', about: { ...notice, event, connectionId } } };
  }
  const { health, reason } = notice;
  const change = { kind: 'health', connection, health, reason } as const;
  if (health === 'up') return { change };
  return {
    change,
    log: { level: 'warn', text: 'an Evolution instance lost WhatsApp', about: { ...notice, connectionId } },
  };
}
