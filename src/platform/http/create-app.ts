import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import type { DynamicModule } from '@nestjs/common';
import { RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import multipart from '@fastify/multipart';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Env } from '../config/env.js';
import { ProblemFilter } from './problem.filter.js';
import { NestLogger } from '../logging/logger.js';
import { observeRequest } from '../metrics/http.metrics.js';
import { BODY_LIMIT_BYTES, limitBodies } from './body-limits.js';
import { compressAnswers } from './compression.js';
import { allowOrigins } from './cors.js';
import { InputPipe } from './input.pipe.js';
import { refuseUnknownMethods } from './known-paths.js';
import { RevisionEtagInterceptor } from './revision-etag.interceptor.js';
import { headersOfData, securityHeaders } from './security-headers.js';
import { servedPaths, type Routes } from './served-paths.js';
import { endSilentConnections } from './silent-connections.js';
import { takeStreams } from './streamed-body.js';
import { answerUnreadable } from './unreadable-requests.js';
import { answerUnroutable } from './unroutable.js';

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
const SLOW_REQUEST_MS = 1000;
const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** The HTTP side of the process: Fastify, our errors, our input check, one request id everywhere. */
export async function createApp(
  module: DynamicModule,
  logger: Logger,
  { publicUrl, corsOrigins, trustedProxies }: Pick<Env, 'publicUrl' | 'corsOrigins' | 'trustedProxies'>,
  routes: Routes,
): Promise<NestFastifyApplication> {
  const secure = securityHeaders(publicUrl);
  const adapter = new FastifyAdapter({
    // Fastify's own news, such as where it listens, is for debugging: the start says it better.
    loggerInstance: logger.child(
      {},
      { level: logger.isLevelEnabled('info') && !logger.isLevelEnabled('debug') ? 'warn' : logger.level },
    ),
    // One line per failed or slow request is written below.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT_BYTES,
    // Whoever else sends X-Forwarded-For would choose the address they are counted under.
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: ({ headers }: { headers: IncomingHttpHeaders }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      // Before any hook, so that the headers are not there yet.
      secure(request, reply);
      answerUnroutable(error, request, reply);
    },
    clientErrorHandler: answerUnreadable(headersOfData(publicUrl)),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Some clients offer HTTP/2 with every request (`Upgrade: h2c`), which is none for the WebSockets of /live.
    http: {
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Node looks for late ones so often, and by itself only every 30 s.
      connectionsCheckingInterval: 1000,
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    rawBody: true,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  endSilentConnections(fastify);
  // Of any size here: a route that takes a file counts its bytes as they come.
  await fastify.register(multipart, { limits: { files: 1, parts: 20, fileSize: Number.MAX_SAFE_INTEGER } });
  takeStreams(fastify);
  limitBodies(fastify);
  await compressAnswers(fastify);
  fastify.addHook('onSend', (request, reply, payload, done) => {
    secure(request, reply);
    done(null, payload);
  });
  await app.register(fastifyCookie);
  allowOrigins(app, corsOrigins);
  fastify.addHook('onRequest', servedPaths(routes));
  refuseUnknownMethods(fastify);
  fastify.addHook('onResponse', async (request: FastifyRequest, reply: FastifyReply) => {
    const durationMs = Math.round(reply.elapsedTime);
    observeRequest(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime);
    const line = {
      req: request,
      requestId: request.id,
      tenantId: tenantOf(request),
      status: reply.statusCode,
      durationMs,
    };
    if (reply.statusCode >= 500 && reply.statusCode !== 503) logger.error(line, 'request failed');
    else if (durationMs > SLOW_REQUEST_MS) logger.warn(line, 'slow request');
    else logger.debug(line, 'request');
  });
  app.setGlobalPrefix('api', {
    exclude: routes.bare.map((path) => ({ path, method: RequestMethod.ALL })),
  });
  app.useGlobalPipes(new InputPipe());
  app.useGlobalInterceptors(new RevisionEtagInterceptor());
  app.useGlobalFilters(new ProblemFilter());
  return app;
}

function tenantOf(request: FastifyRequest): string | undefined {
  return (request as FastifyRequest & { caller?: { tenantId: string } }).caller?.tenantId;
}
