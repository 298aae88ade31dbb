import { fastifyCookie } from '@fastify/cookie';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server as HttpServer } from 'node:http';
import type { Server, Socket } from 'socket.io';
import { CallersService } from '../auth/callers.service.js';
import { ENV, type Env } from '../platform/config/env.js';
import { AppError } from '../platform/errors/app-error.js';
import { Loops } from '../platform/loops/loops.js';
import { openOnFirstVisit } from './live-gate.js';
import { LiveOrigins } from './live-origins.js';
import { LiveSockets } from './live-sockets.js';
import { everybodyOf, roomsOf } from './live-visibility.js';

/** A sign-in that ended, or a permission taken away, closes the socket within this time. */
const CHECK_MS = 60_000;
/** Each costs some 20 KB and a look at its sign-in a minute. */
const SOCKETS_PER_TENANT = 200;

/**
 * Live events for people who look: socket.io at /live. A client proves who it is as for the API: `auth: {token}` in the
 * handshake (access token or API key), or the dashboard's cookie from a page of ours. Roles that serve no people only
 * send, to the processes that do.
 */
@Injectable()
export class LiveServer implements OnApplicationBootstrap {
  private readonly origins: LiveOrigins;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly host: HttpAdapterHost,
    private readonly callers: CallersService,
    private readonly sockets: LiveSockets,
    loops: Loops,
  ) {
    loops.add({ name: 'Live', group: 'live', restMs: CHECK_MS, round: () => this.check() });
    this.origins = new LiveOrigins(env);
  }

  onApplicationBootstrap(): void {
    if (!this.env.loops.has('live')) return;
    let opening: Promise<Server> | undefined;
    openOnFirstVisit(this.host.httpAdapter.getHttpServer() as HttpServer, () => (opening ??= this.open()));
  }

  /** Lets nobody listen any longer than they may. */
  async check(): Promise<void> {
    const sockets = [...(this.sockets.current?.of('/').sockets.values() ?? [])];
    await Promise.all(sockets.map((socket) => this.recheck(socket)));
  }

  private async recheck(socket: Socket): Promise<void> {
    try {
      const allowed = new Set([socket.id, ...roomsOf(await this.identify(socket))]);
      if ([...socket.rooms].some((room) => !allowed.has(room))) socket.disconnect(true);
    } catch (error) {
      // That nobody can be asked just now is no reason to send anybody away.
      if (error instanceof AppError && error.status < 500) socket.disconnect(true);
    }
  }

  private async open(): Promise<Server> {
    const io = await this.sockets.open();
    io.use((socket, next) => void this.admit(socket, next));
    return io;
  }

  private async admit(socket: Socket, done: (refusal?: Error) => void): Promise<void> {
    try {
      const known = await this.identify(socket);
      const everybody = everybodyOf(known.caller.tenantId);
      if ((socket.nsp.adapter.rooms.get(everybody)?.size ?? 0) >= SOCKETS_PER_TENANT) throw new TooManyListenersError();
      await socket.join(roomsOf(known));
      done();
    } catch (error) {
      // The client's connect_error.
      done(new Error(error instanceof AppError ? error.code : 'unavailable', { cause: error }));
    }
  }

  private identify({ handshake, request }: Socket): ReturnType<CallersService['identify']> {
    const token: unknown = handshake.auth['token'];
    const said = { method: 'GET', address: handshake.address };
    if (typeof token === 'string') return this.callers.identify({ ...said, authorization: `Bearer ${token}` });
    return this.callers.identify({
      ...said,
      authorization: handshake.headers.authorization,
      cookies: this.origins.isOwn(request) ? fastifyCookie.parse(handshake.headers.cookie ?? '') : {},
    });
  }
}

class TooManyListenersError extends AppError {
  constructor() {
    super('too_many_listeners', 429, `At most ${SOCKETS_PER_TENANT} may listen at once`);
  }
}
