import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';
import { ENV, type Env } from './config/env.js';

const PROFILES = {
  /**
   * An answer from Postgres takes less than these 100 ms, and a limit is not worth a slow send. One that has not
   * answered anything for a second counts as away, and until it is back nobody waits for it again.
   */
  commands: { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 100, socketTimeout: 1000 },
  /** What it listens to waits for Redis, however long; whoever subscribes does not. */
  listener: { enableOfflineQueue: true, maxRetriesPerRequest: null, commandTimeout: 1000 },
} satisfies Record<string, RedisOptions>;

/**
 * The one place that opens connections to Redis. None keeps a caller waiting, prints, or ends the process by a refusal
 * that nobody looks at; that Redis is away is told by /health/ready (INV-10).
 */
@Injectable()
export class RedisClients implements OnApplicationShutdown {
  /** Shared by all that read and write; null without `REDIS_URL`. Look at its `status` before you ask. */
  readonly commands: Redis | null;
  private readonly opened: Redis[] = [];
  private lastError: Error | null = null;

  constructor(@Inject(ENV) private readonly env: Pick<Env, 'redisUrl'>) {
    this.commands = env.redisUrl ? this.open(env.redisUrl, PROFILES.commands) : null;
  }

  /** A connection that only listens. @throws Error there is no `REDIS_URL` */
  openListener(): Redis {
    if (!this.env.redisUrl) throw new Error('REDIS_URL is not set');
    return this.open(this.env.redisUrl, PROFILES.listener);
  }

  /** Resolves when Redis answers. @throws Error after 100 ms, or why there is no connection */
  async ping(): Promise<void> {
    if (this.commands?.status !== 'ready') throw this.lastError ?? new Error('not connected');
    await this.commands.ping();
  }

  onApplicationShutdown(): void {
    for (const client of this.opened) client.disconnect();
  }

  private open(url: string, profile: RedisOptions): Redis {
    const client = new Redis(url, profile);
    client.on('error', (error: Error) => (this.lastError = error));
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command, stream) => {
      command.promise.catch(() => undefined);
      return send(command, stream);
    };
    this.opened.push(client);
    return client;
  }
}
