import type { Redis } from 'ioredis';
import type { Client, Pool, PoolClient } from 'pg';
import type { Server } from 'socket.io';
import type { Env } from '../platform/config/env.js';
import type { PathPool } from '../platform/database/path-pool.js';
import { serial } from '../platform/loops/serial.js';
import type { RedisClients } from '../platform/redis.js';

export type SharedAdapter = {
  readonly adapter: NonNullable<Parameters<Server['adapter']>[0]>;
  close(): Promise<void>;
};

/** NOTIFY carries 8,000 bytes; more would need a table, and a live event is a hint, not a record. */
const WHOLE_PAYLOAD_BYTES = 1_000_000;
const NEVER_MS = 2_000_000_000;
/** While Postgres is away or slow. */
const WAITING_MAX = 1000;

/**
 * Carries live events from the process where something happened to those where people look: by Redis when there is one,
 * else by Postgres. Null where there is only this process.
 */
export async function sharedAdapter(
  { databaseUrl }: Pick<Env, 'databaseUrl'>,
  redis: RedisClients,
  path: PathPool,
  onError: (error: Error) => void,
): Promise<SharedAdapter | null> {
  if (redis.commands) return byRedis(redis.commands, redis.openListener());
  return databaseUrl ? byPostgres(databaseUrl, path, onError) : null;
}

/** Until Redis is back each process tells its own people only. */
async function byRedis(publisher: Redis, listener: Redis): Promise<SharedAdapter> {
  const { createAdapter } = await import('@socket.io/redis-adapter');
  return {
    adapter: createAdapter(publisher, listener, { key: 'live' }),
    close: async () => listener.disconnect(),
  };
}

async function byPostgres(url: string, path: PathPool, onError: (error: Error) => void): Promise<SharedAdapter> {
  const [{ createAdapter }, pg] = await Promise.all([import('@socket.io/postgres-adapter'), import('pg')]);
  const ear = new Ear(() => new pg.default.Client({ connectionString: url, keepAlive: true }), onError);
  const inTurn = oneAtATime(WAITING_MAX);
  const pool = {
    connect: () => ear.connect(),
    // One after the other, for events to arrive in the order in which they happened.
    query: async (sql: string, values: unknown[]) => ({ rows: await inTurn(() => path.query(sql, values)) }),
  };
  return {
    // Of a pool the adapter uses these two. It would keep a client of a real one for ever when it is closed while it
    // waits for it, and the process would not end.
    adapter: createAdapter(pool as unknown as Pool, {
      channelPrefix: 'dashoffice_live',
      payloadThreshold: WHOLE_PAYLOAD_BYTES,
      cleanupInterval: NEVER_MS,
      errorHandler: onError,
    }),
    close: () => ear.close(),
  };
}

/** The one connection that listens. The adapter asks for another whenever it ends. */
class Ear {
  private last: Client | null = null;
  private isClosed = false;

  constructor(
    private readonly makeClient: () => Client,
    private readonly onError: (error: Error) => void,
  ) {}

  async connect(): Promise<PoolClient> {
    if (this.isClosed) return NEVER;
    const client = this.makeClient();
    this.last = client;
    // Unheard, an error of it would end the process.
    client.on('error', this.onError);
    await client.connect();
    return Object.assign(client, { release: () => undefined });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.last?.removeAllListeners('end');
    await this.last?.end();
  }
}

const NEVER = new Promise<PoolClient>(() => undefined);

function oneAtATime(waitingMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const inTurn = serial();
  let waiting = 0;
  return async (work) => {
    if (waiting >= waitingMax) throw new Error('too many live events wait for Postgres');
    waiting += 1;
    return inTurn(work).finally(() => (waiting -= 1));
  };
}
