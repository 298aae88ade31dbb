import { Inject, Injectable } from '@nestjs/common';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import type { PathConnection } from '../../connections/path-connection.js';
import { Clock } from '../../platform/clock.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { MalformedWebhookError } from '../../providers/provider.errors.js';
import { isSignedByTwilio } from '../../providers/twilio/twilio.signature.js';
import type { TwilioFields } from '../../providers/twilio/twilio.webhook-content.js';
import { calledUrls, outboxIdOf } from '../../providers/twilio/twilio.webhook-url.js';
import { parseTwilioWebhook } from '../../providers/twilio/twilio.webhook.js';
import { connectionOf } from '../connection-in-address.js';
import type { ReceivedWebhook, WebhookAdapter } from '../received.js';
import { BadWebhookSignatureError } from '../webhook.errors.js';

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

/** Twilio's webhooks: one message or status, whose address names the connection and whose signature proves it. */
@Injectable()
export class TwilioAdapter implements WebhookAdapter<TwilioPost> {
  readonly provider = 'twilio';

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly connections: ConnectionDirectory,
    private readonly clock: Clock,
  ) {}

  /** Twilio gives no time of a message or a status, so that of its arrival stands. */
  async read(post: TwilioPost): Promise<ReceivedWebhook> {
    const connection = await connectionOf(this.connections, this.provider, post.connectionId);
    const { tenantId, botId, connectionId } = connection;
    const receivedAt = this.clock.now();
    const parsed = parseTwilioWebhook(this.prove(post, connection));
    const nothing = {
      receivedAt,
      connections: [connection],
      events: [],
      statuses: [],
      notices: [],
      strangers: [],
    };
    if (parsed.kind === 'ignored') return { ...nothing, notices: [{}] };
    if (parsed.kind === 'message') {
      const { kind: _, ...message } = parsed;
      return { ...nothing, events: [{ tenantId, botId, connectionId, ...message, providerAt: receivedAt }] };
    }
    const { kind: _, ...status } = parsed;
    const outboxId = outboxIdOf(post.originalUrl);
    return { ...nothing, statuses: [{ connectionId, outboxId, ...status, at: receivedAt }] };
  }

  /** The fields, once they are proved to be Twilio's. */
  private prove(
    { originalUrl, host, signature, isForm, rawBody }: TwilioPost,
    { connectionId, account }: PathConnection,
  ): TwilioFields {
    // Most often a public address that is not the one entered at Twilio.
    const tried = { connectionId, publicUrl: this.env.publicUrl };
    if (!signature) throw new BadWebhookSignatureError('The signature is missing', tried);
    const form = isForm ? new URLSearchParams(rawBody.toString('utf8')) : null;
    const urls = calledUrls(this.env.publicUrl, host, originalUrl);
    const authToken = account?.credentials['authToken'];
    if (!authToken || !isSignedByTwilio({ urls, rawBody, signature, form }, authToken)) {
      throw new BadWebhookSignatureError('The signature does not fit the address and the body', tried);
    }
    return form ? new Map(form) : readJson(rawBody);
  }
}

/** The same names as in a form; what is neither text nor number is none of a message's fields. */
function readJson(rawBody: Buffer): TwilioFields {
  const body: unknown = JSON.parse(rawBody.toString('utf8'));
  if (typeof body !== 'object' || body === null) throw new MalformedWebhookError('body', 'a form or a JSON object');
  const entries = Object.entries(body).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return new Map(entries.map(([name, value]) => [name, String(value)]));
}
