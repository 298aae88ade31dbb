import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent, Dispatcher } from 'undici';
import { Clock } from '../../platform/clock.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { lookupPublic } from '../../platform/http/public-address.js';
import { assertAllowedAddress } from '../webhook-address.js';
import type { Outcome, Parcel } from './parcel.js';

const CONNECT_TIMEOUT_MS = 5000;
/** Of an answer only the status matters. */
const ANSWER_LIMIT_BYTES = 16_384;

/** Posts a parcel once, signed by the Standard Webhooks scheme. Never follows a redirect, never throws. */
@Injectable()
export class WebhookSender implements OnApplicationShutdown {
  private agent: Promise<Agent> | undefined;

  constructor(
    @Inject(ENV) private readonly env: Env,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async send(parcel: Parcel): Promise<Outcome> {
    const startedAt = performance.now();
    const answer = await this.post(parcel).catch((error: unknown) => ({ status: null, error: describe(error) }));
    return { ...answer, durationMs: Math.round(performance.now() - startedAt) };
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.agent)?.destroy();
  }

  private async post({ url, eventId, body, secrets }: Parcel): Promise<Omit<Outcome, 'durationMs'>> {
    assertAllowedAddress(url, this.env.webhooksPrivateAllowed);
    const { Webhook } = await import('standardwebhooks');
    const now = this.clock.now();
    this.agent ??= this.open();
    const answer = await (
      await this.agent
    ).request({
      origin: new URL(url).origin,
      path: new URL(url).pathname + new URL(url).search,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'DashOffice-Webhooks/1',
        'webhook-id': eventId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, now, body)).join(' '),
      },
      body,
      signal: AbortSignal.timeout(this.env.webhookTimeoutMs),
    });
    await answer.body.dump({ limit: ANSWER_LIMIT_BYTES, signal: AbortSignal.timeout(this.env.webhookTimeoutMs) });
    const isOk = answer.statusCode >= 200 && answer.statusCode < 300;
    return {
      status: answer.statusCode,
      error: isOk ? null : `It answered ${answer.statusCode}`,
      retryAfterMs: retryAfterMs(answer.headers, now),
    };
  }

  private async open(): Promise<Agent> {
    const { Agent } = await import('undici');
    const lookup = this.env.webhooksPrivateAllowed ? {} : { lookup: lookupPublic };
    return new Agent({ connections: 8, connect: { ...lookup, timeout: CONNECT_TIMEOUT_MS } });
  }
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Dispatcher.ResponseData['headers'], now: Date): number | undefined {
  const header = headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,7}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { message, name } = inner instanceof Error ? inner : error;
  return (name === 'TimeoutError' ? 'It did not answer in time' : message || name).slice(0, 300);
}
