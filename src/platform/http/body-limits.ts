import type { FastifyInstance } from 'fastify';
import { InvalidInputError } from '../errors/app-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route takes when it is not BODY_LIMIT_BYTES; a stream counts its own bytes. */
    readonly maxBodyBytes?: number;
  }
}

/** Of a request that a person or a program writes. */
export const BODY_LIMIT_BYTES = 256 * 1024;
/** The largest body that another server sends here by right: what Meta posts at once. */
export const LARGE_BODY_BYTES = 3 * 1024 * 1024;
/** No input of ours needs half of it, and whatever reads the body afterwards may call itself for each level. */
export const MAX_DEPTH = 32;

/** Bounds what a body may hold, for every route, before anything else looks at it. */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { maxBodyBytes } = route.config ?? {};
    if (maxBodyBytes !== undefined) route.bodyLimit = maxBodyBytes;
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const tooDeep = isData(request.body) ? findTooDeep(request.body) : null;
    if (tooDeep)
      done(new InvalidInputError([{ field: tooDeep.join('.'), message: `Deeper than ${MAX_DEPTH} levels` }]));
    else done();
  });
}

/** @returns where a list or an object lies deeper than MAX_DEPTH, the outermost being level 1; null when none does */
export function findTooDeep(value: object, depth = 1): string[] | null {
  if (depth > MAX_DEPTH) return [];
  for (const key in value) {
    const member: unknown = Reflect.get(value, key);
    if (typeof member !== 'object' || member === null) continue;
    const path = findTooDeep(member, depth + 1);
    if (path) return [key, ...path];
  }
  return null;
}

/** What a parser made, not a stream. */
function isData(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return Array.isArray(body) || [Object.prototype, null].includes(Object.getPrototypeOf(body));
}
