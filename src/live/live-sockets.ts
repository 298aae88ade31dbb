import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Server } from 'socket.io';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { RedisClients } from '../platform/redis.js';
import { sharedAdapter, type SharedAdapter } from './live-adapter.js';
import { LiveOrigins } from './live-origins.js';

export const LIVE_PATH = '/live';
/** Clients only listen. */
const MAX_MESSAGE_BYTES = 10_000;
/** Whoever connects says who they are at once. */
const CONNECT_MS = 10_000;

/** socket.io, loaded and opened on first use: a process where nobody looks and nothing happens stays small. */
@Injectable()
export class LiveSockets implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveSockets.name);
  private opening: Promise<Server> | null = null;
  private shared: SharedAdapter | null = null;
  private io: Server | null = null;
  private isClosed = false;

  constructor(
    @Inject(ENV) private readonly env: Env,
    @Inject(PathPool) private readonly path: PathPool,
    @Inject(RedisClients) private readonly redis: RedisClients,
  ) {}

  /** Null until somebody opened it. */
  get current(): Server | null {
    return this.io;
  }

  /** Sends to everybody in the room, here and in other processes. Best effort. */
  tell(room: string, type: string, data: object): void {
    if (this.io) this.io.to(room).emit(type, data);
    else if (this.env.redisUrl || this.env.databaseUrl) {
      void this.open().then(
        (io) => io.to(room).emit(type, data),
        (error: unknown) => this.logger.warn({ err: error, type }, 'a live event was not sent'),
      );
    }
  }

  /** @throws Error the process is stopping */
  open(): Promise<Server> {
    this.opening ??= this.make();
    return this.opening;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    await this.opening?.catch(() => undefined);
    // Not io.close(): that would close the port before other work is drained. And no word of goodbye: clients that are
    // told to go stay away, and these are to come back to whoever serves next.
    const engine = this.io?.engine;
    engine?.close(); // not there before the first visit
    await this.io?.of('/').adapter.close();
    await this.shared?.close();
  }

  private async make(): Promise<Server> {
    if (this.isClosed) throw new Error('The process is stopping');
    const { Server: SocketServer } = await import('socket.io');
    this.shared = await sharedAdapter(this.env, this.redis, this.path, (error) =>
      this.logger.warn({ err: error }, 'live events are late'),
    );
    const origins = new LiveOrigins(this.env);
    this.io = new SocketServer({
      path: LIVE_PATH,
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: CONNECT_MS,
      allowRequest: (request, done) => done(null, origins.isAllowed(request)),
      cors: { origin: [...this.env.corsOrigins], methods: ['GET', 'POST'] },
      ...(this.shared ? { adapter: this.shared.adapter } : {}),
    });
    return this.io;
  }
}
