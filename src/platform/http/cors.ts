import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const PREFLIGHT_KEPT_S = 600;
const READABLE = [
  'etag',
  'idempotency-replayed',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
];

/** Lets web pages of these origins call the API. Every other origin gets no CORS header at all, and no cookie travels. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.enableCors({
    origin: (origin, done) => done(null, origin !== undefined && allowed.has(origin) ? origin : false),
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'x-request-id'],
    exposedHeaders: READABLE,
    maxAge: PREFLIGHT_KEPT_S,
  });
}
