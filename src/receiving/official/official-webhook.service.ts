import { Injectable, Logger } from '@nestjs/common';
import { identityKeys } from '../../messages/identity-keys.js';
import { IngestService, type IngestEvent } from '../../conversations/inbox/ingest.service.js';
import type { StatusUpdate } from '../../delivery/statuses/delivery-status.service.js';
import { ConnectionDirectory, type PathConnection } from '../../connections/connection-directory.service.js';
import { OfficialNotices } from './official-notices.js';
import { answerHandshake, isSignedByMeta } from '../../providers/official/official.signature.js';
import type {
  AccountNotice,
  InboundMessage,
  OfficialWebhook,
  StatusUpdate as OfficialStatus,
} from '../../providers/official/official.webhook-types.js';
import { officialSendersOf, parseOfficialWebhook } from '../../providers/official/official.webhook.js';
import { KeptStatuses } from '../../delivery/statuses/kept-statuses.service.js';
import { BadWebhookSignatureError, HandshakeRefusedError } from '../webhook.errors.js';
import { WebhookMetrics } from '../webhook.metrics.js';

/** The connections each number of a batch is proved to belong to. A number that is not ours has none. */
type Proven = ReadonlyMap<string, readonly PathConnection[]>;

type Echo = Extract<AccountNotice, { kind: 'echo' }>;

/**
 * A batch may be about hundreds of numbers, and one after the other they held its statuses up for longer than a grace.
 * Nothing is proved yet, so that a forged batch must not take all connections to Postgres.
 */
const LOOK_UPS_AT_ONCE = 8;

/** One POST of Meta, from raw bytes to durable rows (INV-1). */
@Injectable()
export class OfficialWebhookService {
  private readonly logger = new Logger(OfficialWebhookService.name);

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly inbound: IngestService,
    private readonly statuses: KeptStatuses,
    private readonly notices: OfficialNotices,
    private readonly metrics: WebhookMetrics,
  ) {}

  /** @throws HandshakeRefusedError the token is none of an active connection's */
  async answerHandshake(query: Readonly<Record<string, unknown>>): Promise<string> {
    const connections = await this.connections.listActive('official');
    const tokens = connections
      .map(({ account }) => account?.credentials['verifyToken'])
      .filter((token) => token !== undefined);
    const challenge = answerHandshake(query, tokens);
    if (challenge === null) throw new HandshakeRefusedError();
    return challenge;
  }

  /**
   * Resolves when all of it is durable. Parts for numbers that are not ours are acknowledged and counted, or Meta would
   * repeat the whole batch for days.
   *
   * @throws BadWebhookSignatureError a number in it is ours and none of its connections' app secrets signed these bytes
   * @throws MalformedWebhookError nothing in it could be read
   * @throws whatever kept a part from being stored; Meta then delivers again, and what was stored counts once
   */
  async receive(rawBody: Uint8Array, body: unknown, signature: string | undefined): Promise<void> {
    const proven = await this.prove(rawBody, body, signature);
    const webhook = parseOfficialWebhook(body);
    await Promise.all([this.keepMessages(webhook, proven), this.keepStatuses(webhook, proven)]);
    for (const notice of webhook.notices) {
      await this.notices.take(notice, proven.get(notice.phoneNumberId ?? '') ?? []);
    }
    this.count('notice', webhook.notices.length);
    await Promise.all([...proven.values()].flat().map((connection) => this.connections.noteSignOfLife(connection)));
  }

  private async prove(rawBody: Uint8Array, body: unknown, signature: string | undefined): Promise<Proven> {
    if (!signature) throw this.refuse('The signature is missing');
    const isSignedWith = remember((secret) => isSignedByMeta(rawBody, signature, secret));
    const proven = new Map<string, readonly PathConnection[]>();
    for (const [phoneNumberId, claimants] of await this.claimantsOf(officialSendersOf(body).phoneNumberIds)) {
      const owners = claimants.filter(({ account }) => {
        const secret = account?.credentials['appSecret'];
        return secret !== undefined && isSignedWith(secret);
      });
      if (claimants.length > 0 && owners.length === 0) throw this.refuse('The signature does not fit the body');
      proven.set(phoneNumberId, owners);
    }
    return proven;
  }

  private async claimantsOf(
    phoneNumberIds: readonly string[],
  ): Promise<(readonly [string, readonly PathConnection[]])[]> {
    const found: (readonly [string, readonly PathConnection[]])[] = [];
    for (let from = 0; from < phoneNumberIds.length; from += LOOK_UPS_AT_ONCE) {
      const some = phoneNumberIds.slice(from, from + LOOK_UPS_AT_ONCE);
      const look = async (id: string) => [id, await this.connections.findByExternalId('official', id)] as const;
      found.push(...(await Promise.all(some.map(look))));
    }
    return found;
  }

  /** Messages of customers, what people wrote in groups, and what the shop itself wrote from the Business app. */
  private async keepMessages({ messages, notices }: OfficialWebhook, proven: Proven): Promise<void> {
    const received = messages.flatMap((message) =>
      this.ownersOf(message, proven).map((connection) => toEvent(connection, message)),
    );
    const echoes = notices
      .filter((notice) => notice.kind === 'echo')
      .flatMap((echo) =>
        (proven.get(echo.phoneNumberId ?? '') ?? []).map((connection) => toOwnEvent(connection, echo)),
      );
    const events = [...received, ...echoes];
    if (events.length === 0) return;
    await this.inbound.ingest(events);
    const inGroups = received.filter(({ groupId }) => groupId !== undefined).length;
    this.count('message', received.length - inGroups);
    this.count('group_message', inGroups);
    this.count('echo', echoes.length);
    for (const { connectionId, providerAt } of received) this.measureLag(connectionId, providerAt);
  }

  private async keepStatuses({ statuses }: OfficialWebhook, proven: Proven): Promise<void> {
    const updates = statuses.flatMap((status) =>
      this.ownersOf(status, proven).map((connection) => toUpdate(connection, status)),
    );
    if (updates.length === 0) return;
    await this.statuses.apply(updates);
    this.count('status', updates.length);
    for (const { connectionId, at } of updates) this.measureLag(connectionId, at);
  }

  private ownersOf({ phoneNumberId }: { phoneNumberId: string }, proven: Proven): readonly PathConnection[] {
    const owners = proven.get(phoneNumberId) ?? [];
    if (owners.length === 0) {
      this.count('unknown_number', 1);
      this.logger.warn({ phoneNumberId }, 'a webhook part for a number that is not ours was acknowledged and dropped');
    }
    return owners;
  }

  private refuse(reason: string): BadWebhookSignatureError {
    this.count('refused', 1);
    return new BadWebhookSignatureError(reason);
  }

  private measureLag(connectionId: string, happenedAt: Date): void {
    this.metrics.measureLag('official', connectionId, happenedAt, new Date());
  }

  private count(...what: [event: Parameters<WebhookMetrics['count']>[1], count: number]): void {
    this.metrics.count('official', ...what);
  }
}

function toEvent(connection: PathConnection, message: InboundMessage): IngestEvent {
  const { address, phone, formerly, profileName, providerMessageId, providerTimestamp, content, groupId } = message;
  return {
    ...idsOf(connection),
    address,
    phone,
    // Who moved is known by what they were until now.
    identities: [...new Set([...(formerly ? identityKeys(formerly) : []), ...identityKeys(message)])],
    profileName,
    providerMessageId,
    providerAt: providerTimestamp,
    content,
    ...(groupId === null ? {} : { groupId }),
  };
}

function toOwnEvent(connection: PathConnection, { to, providerMessageId, at, content }: Echo): IngestEvent {
  const { address, phone } = to;
  const identities = identityKeys(to);
  const message = { profileName: null, providerMessageId, providerAt: at, content, isOwn: true };
  return { ...idsOf(connection), address, phone, identities, ...message };
}

function idsOf({ tenantId, botId, connectionId }: PathConnection) {
  return { tenantId, botId, connectionId };
}

function toUpdate(connection: PathConnection, status: OfficialStatus): StatusUpdate {
  const { providerMessageId, outboxId, at, errorCode, errorClass, errorTitle } = status;
  return {
    connectionId: connection.connectionId,
    providerMessageId,
    outboxId,
    status: status.status,
    at,
    error:
      errorCode === undefined
        ? undefined
        : {
            code: errorClass === 'template' ? 'window_closed' : errorCode,
            class: errorClass ?? 'permanent',
            reason: errorTitle ?? `Error ${errorCode}`,
          },
  };
}

/** Many numbers of one app share a secret, and the body may be large. */
function remember(work: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}
