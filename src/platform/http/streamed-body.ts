import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads bodies of this type itself, as a stream and of any size. */
    readonly takesStreamOf?: 'text/csv';
  }
}

/** Hands CSV to the routes that are made for it (`@RouteConfig`) as it comes; any other answers 415 to it. */
export function takeStreams(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('text/csv', (request: FastifyRequest, payload, done) => {
    if (request.routeOptions.config.takesStreamOf === 'text/csv') done(null, payload);
    else done(new AppError('unsupported_media_type', 415, 'Unsupported Media Type'));
  });
}
