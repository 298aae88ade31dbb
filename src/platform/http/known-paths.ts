import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { toProblem } from './problem.filter.js';

/** Answers 405 with `Allow` (RFC 9110, 15.5.6) where the path is known and the method is not. */
export function refuseUnknownMethods(fastify: FastifyInstance): void {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const path = known.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    known.set(url, path);
    for (const name of [method].flat()) path.methods.add(name);
  });
  fastify.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.is404) return undefined;
    const path = request.url.split('?')[0] ?? '';
    const allowed = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    if (allowed.length === 0) return undefined;
    const error = new AppError('method_not_allowed', 405, `${request.method} is none of the methods of this path`);
    return reply
      .status(405)
      .header('allow', [...new Set(allowed)].toSorted().join(', '))
      .header('content-type', 'application/problem+json')
      .send(toProblem(error, request.id));
  });
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${parts.join('/')}$`);
}
