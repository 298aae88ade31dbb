import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** As `POST /webhook/set` takes it. */
export type EvolutionWebhookConfig = {
  readonly enabled: boolean;
  readonly url: string;
  /** A header named `jwt_key` is not sent: it signs a token instead. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly byEvents?: boolean;
  /** Upper case with underscores; none means all. */
  readonly events?: readonly string[];
};

export type EvolutionEvent = { readonly event: string; readonly instance: string; readonly data: unknown };
/** Statuses of every attempt, in order; 0 where none came. */
export type Delivery = readonly number[];

const FINAL = new Set([400, 401, 403, 404, 422]);
const MAX_ATTEMPTS = 10;

/** Posts events as Evolution does (provider reference 4.4): nothing signed, ten attempts, some refusals final. */
export class EvolutionWebhookPoster {
  private readonly agent = new Agent({ connections: 64, pipelining: 1 });
  private readonly stopping = new AbortController();

  /** @param firstDelayMs the real one is 5 s; it doubles with each attempt, to at most sixty times itself */
  constructor(private readonly firstDelayMs: number) {}

  async post(config: EvolutionWebhookConfig, { event, instance, data }: EvolutionEvent, now: Date): Promise<Delivery> {
    const name = event.toUpperCase().replaceAll('.', '_');
    if (!config.enabled || (config.events?.length && !config.events.includes(name))) return [];
    const url = config.byEvents ? `${config.url}/${event.replaceAll('.', '-')}` : config.url;
    const localTime = new Date(now.getTime() - 3 * 3_600_000).toISOString();
    const body = JSON.stringify({
      event,
      instance,
      data,
      destination: url,
      date_time: localTime,
      sender: OWNER_JID,
      server_url: 'http://localhost:8080',
      apikey: 'INSTANCE-TOKEN',
    });
    // Made once, before the attempts: a late one carries a token that has run out.
    const headers = { ...withToken(config.headers ?? {}, now), 'content-type': 'application/json' };
    const statuses: number[] = [];
    for (let delayMs = this.firstDelayMs; statuses.length < MAX_ATTEMPTS; delayMs *= 2) {
      if (statuses.length > 0) await wait(Math.min(delayMs, this.firstDelayMs * 60));
      const status = await this.attempt(url, headers, body);
      statuses.push(status);
      if ((status >= 200 && status < 300) || FINAL.has(status)) break;
    }
    return statuses;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.agent.destroy();
  }

  private async attempt(url: string, headers: Record<string, string>, body: string): Promise<number> {
    try {
      const { signal } = this.stopping;
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: this.agent, signal });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      return 0; // nobody answered: the next attempt may find somebody
    }
  }
}

/** The number of every instance of the double. */
export const OWNER_JID = '5215500000000@s.whatsapp.net';

function withToken({ jwt_key: key, ...headers }: Readonly<Record<string, string>>, now: Date): Record<string, string> {
  return key ? { ...headers, authorization: `Bearer ${evolutionToken(key, now)}` } : headers;
}

/** The token Evolution makes for one event. */
export function evolutionToken(key: string, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iat, exp: iat + 600, app: 'evolution', action: 'webhook' };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(encode).join('.');
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
