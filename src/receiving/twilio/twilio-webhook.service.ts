import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { IngestService } from '../../conversations/inbox/ingest.service.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { ConnectionNotFoundError } from '../../connections/connection.errors.js';
import { ConnectionDirectory, type PathConnection } from '../../connections/connection-directory.service.js';
import { MalformedWebhookError } from '../../providers/provider.errors.js';
import { isSignedByTwilio } from '../../providers/twilio/twilio.signature.js';
import type { TwilioFields } from '../../providers/twilio/twilio.webhook-content.js';
import { calledUrls, outboxIdOf } from '../../providers/twilio/twilio.webhook-url.js';
import {
  parseTwilioWebhook,
  type TwilioMessageIn,
  type TwilioStatusIn,
} from '../../providers/twilio/twilio.webhook.js';
import { KeptStatuses } from '../../delivery/statuses/kept-statuses.service.js';
import { BadWebhookSignatureError } from '../webhook.errors.js';
import { WebhookMetrics } from '../webhook.metrics.js';

/** One POST as it came in. */
export type TwilioPost = {
  readonly connectionId: string;
  /** Path and query, as asked for. */
  readonly originalUrl: string;
  readonly host: string | undefined;
  readonly signature: string | undefined;
  readonly isForm: boolean;
  readonly rawBody: Buffer;
};

const uuid = z.uuid();

/** One POST of Twilio, from raw bytes to durable rows (INV-1). The address names the connection, the signature proves it. */
@Injectable()
export class TwilioWebhookService {
  private readonly logger = new Logger(TwilioWebhookService.name);

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly connections: ConnectionDirectory,
    private readonly inbound: IngestService,
    private readonly statuses: KeptStatuses,
    private readonly metrics: WebhookMetrics,
  ) {}

  /**
   * Resolves when it is durable.
   *
   * @throws ConnectionNotFoundError no such connection, or not one of Twilio's
   * @throws BadWebhookSignatureError not signed with the connection's auth token; nothing was stored
   * @throws MalformedWebhookError it names no message, or nobody who could be answered
   */
  async receive(post: TwilioPost): Promise<void> {
    const receivedAt = new Date();
    const connection = await this.find(post.connectionId);
    const parsed = parseTwilioWebhook(this.prove(post, connection));
    await this.connections.noteSignOfLife(connection);
    if (parsed.kind === 'message') return this.keepMessage(connection, parsed, receivedAt);
    if (parsed.kind === 'status') return this.keepStatus(connection, parsed, outboxIdOf(post.originalUrl), receivedAt);
    this.count('notice');
  }

  private async find(connectionId: string): Promise<PathConnection> {
    const connection = uuid.safeParse(connectionId).success ? await this.connections.find(connectionId) : null;
    if (connection?.provider === 'twilio') return connection;
    this.count('unknown_number');
    throw new ConnectionNotFoundError(connectionId);
  }

  /** The fields, once they are proved to be Twilio's. */
  private prove(
    { originalUrl, host, signature, isForm, rawBody }: TwilioPost,
    connection: PathConnection,
  ): TwilioFields {
    if (!signature) throw this.refuse(connection, 'The signature is missing');
    const form = isForm ? new URLSearchParams(rawBody.toString('utf8')) : null;
    const urls = calledUrls(this.env.publicUrl, host, originalUrl);
    const authToken = connection.account?.credentials['authToken'];
    if (!authToken || !isSignedByTwilio({ urls, rawBody, signature, form }, authToken)) {
      throw this.refuse(connection, 'The signature does not fit the address and the body');
    }
    return form ? new Map(form) : readJson(rawBody);
  }

  private async keepMessage(connection: PathConnection, message: TwilioMessageIn, providerAt: Date): Promise<void> {
    const { kind: _, ...event } = message;
    const { tenantId, botId, connectionId } = connection;
    await this.inbound.ingest([{ tenantId, botId, connectionId, ...event, providerAt }]);
    this.count('message');
  }

  /** Twilio tells no time of a status, so that of its arrival stands. */
  private async keepStatus(
    connection: PathConnection,
    told: TwilioStatusIn,
    outboxId: string | null,
    at: Date,
  ): Promise<void> {
    const { providerMessageId, status, error } = told;
    const { connectionId } = connection;
    await this.statuses.apply([{ connectionId, outboxId, providerMessageId, status, at, error }]);
    this.count('status');
  }

  /** Most often a public address that is not the one entered at Twilio, so the log names what was tried. */
  private refuse({ connectionId }: PathConnection, reason: string): BadWebhookSignatureError {
    this.count('refused');
    this.logger.warn({ connectionId, publicUrl: this.env.publicUrl }, 'a Twilio webhook was refused by its signature');
    return new BadWebhookSignatureError(reason);
  }

  private count(event: Parameters<WebhookMetrics['count']>[1]): void {
    this.metrics.count('twilio', event);
  }
}

/** The same names as in a form; what is neither text nor number is none of a message's fields. */
function readJson(rawBody: Buffer): TwilioFields {
  const body: unknown = JSON.parse(rawBody.toString('utf8'));
  if (typeof body !== 'object' || body === null) throw new MalformedWebhookError('body', 'a form or a JSON object');
  const entries = Object.entries(body).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return new Map(entries.map(([name, value]) => [name, String(value)]));
}
