import { Injectable, Logger } from '@nestjs/common';
import { identityKeys } from '../../contacts/identity-keys.service.js';
import { IngestService, type IngestEvent } from '../../conversations/ingest.service.js';
import { DeliveryMetrics } from '../delivery/delivery.metrics.js';
import { DeliveryStatusService, type StatusUpdate } from '../delivery/delivery-status.service.js';
import { LinesService, type Line } from '../delivery/lines.service.js';
import { OfficialNotices } from './official-notices.service.js';
import { answerHandshake, isSignedByMeta } from './official.signature.js';
import type { InboundMessage, OfficialWebhook, StatusUpdate as OfficialStatus } from './official.webhook-types.js';
import { officialSendersOf, parseOfficialWebhook } from './official.webhook.js';
import { BadWebhookSignatureError, HandshakeRefusedError } from '../wire/webhook.errors.js';

/** The lines each number of a batch is proved to belong to. A number that is not ours has none. */
type Proven = ReadonlyMap<string, readonly Line[]>;

type Owned = { readonly line: Line; readonly message: InboundMessage };
const isOfGroup = ({ message }: Owned) => message.groupId !== null;

/** One POST of Meta, from raw bytes to durable rows (INV-1). */
@Injectable()
export class OfficialWebhookService {
  private readonly logger = new Logger(OfficialWebhookService.name);

  constructor(
    private readonly lines: LinesService,
    private readonly inbound: IngestService,
    private readonly statuses: DeliveryStatusService,
    private readonly notices: OfficialNotices,
    private readonly metrics: DeliveryMetrics,
  ) {}

  /** @throws HandshakeRefusedError the token is none of an active connection's */
  async answerHandshake(query: Readonly<Record<string, unknown>>): Promise<string> {
    const lines = await this.lines.listActive('official');
    const tokens = lines
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
   * @throws BadWebhookSignatureError a number in it is ours and none of its lines' app secrets signed these bytes
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
  }

  private async prove(rawBody: Uint8Array, body: unknown, signature: string | undefined): Promise<Proven> {
    if (!signature) throw this.refuse('The signature is missing');
    const isSignedWith = remember((secret) => isSignedByMeta(rawBody, signature, secret));
    const proven = new Map<string, readonly Line[]>();
    for (const phoneNumberId of officialSendersOf(body).phoneNumberIds) {
      const claimants = await this.lines.findByExternalId('official', phoneNumberId);
      const owners = claimants.filter(({ account }) => {
        const secret = account?.credentials['appSecret'];
        return secret !== undefined && isSignedWith(secret);
      });
      if (claimants.length > 0 && owners.length === 0) throw this.refuse('The signature does not fit the body');
      proven.set(phoneNumberId, owners);
    }
    return proven;
  }

  private async keepMessages({ messages }: OfficialWebhook, proven: Proven): Promise<void> {
    const owned = messages.flatMap((message) => this.ownersOf(message, proven).map((line) => ({ line, message })));
    this.dropOfGroups(owned.filter(isOfGroup));
    const events = owned.filter((one) => !isOfGroup(one)).map(({ line, message }) => toEvent(line, message));
    if (events.length === 0) return;
    await this.inbound.ingest(events);
    this.count('message', events.length);
  }

  /** An answer to the author alone would surprise, and one to the group is not for a bot; so nobody is answered. */
  private dropOfGroups(owned: readonly Owned[]): void {
    if (owned.length === 0) return;
    this.count('group_message', owned.length);
    const connectionIds = [...new Set(owned.map(({ line }) => line.connectionId))];
    this.logger.log({ connectionIds, messages: owned.length }, 'messages to a group were acknowledged and dropped');
  }

  private async keepStatuses({ statuses }: OfficialWebhook, proven: Proven): Promise<void> {
    const updates = statuses.flatMap((status) => this.ownersOf(status, proven).map((line) => toUpdate(line, status)));
    if (updates.length === 0) return;
    await this.statuses.apply(updates);
    this.count('status', updates.length);
  }

  private ownersOf({ phoneNumberId }: { phoneNumberId: string }, proven: Proven): readonly Line[] {
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

  private count(event: string, count: number): void {
    if (count > 0) this.metrics.webhooks.inc({ provider: 'official', event }, count);
  }
}

function toEvent(line: Line, message: InboundMessage): IngestEvent {
  const { address, phone, bsuid, profileName, providerMessageId, providerTimestamp, content } = message;
  return {
    tenantId: line.tenantId,
    botId: line.botId,
    connectionId: line.connectionId,
    address,
    phone,
    identities: identityKeys({ phone, bsuid }),
    profileName,
    providerMessageId,
    providerAt: providerTimestamp,
    content,
  };
}

function toUpdate(line: Line, status: OfficialStatus): StatusUpdate {
  const { providerMessageId, outboxId, at, errorCode, errorClass, errorTitle } = status;
  return {
    connectionId: line.connectionId,
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
